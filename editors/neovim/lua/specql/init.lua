--- What configurations may call.
local M = {}

--- The registry of a buffer for a status line, such as `SpecQL: PostgreSQL ≠2`; empty where no server is attached.
---@param bufnr? integer default: the current one
---@return string
function M.status(bufnr)
  local status = require('specql.status')
  bufnr = bufnr or 0
  if #vim.lsp.get_clients({ name = 'specql', bufnr = bufnr }) == 0 then
    return ''
  end
  local known = status.get(bufnr)
  return known and status.short(known) or 'SpecQL: …'
end

--- The status of a buffer's registry as the server sent it; nil where none is known.
---@param bufnr? integer default: the current one
---@return table?
function M.registry_status(bufnr)
  return require('specql.status').get(bufnr or 0)
end

--- A `cmd` for `vim.lsp.config` whose server finds the database's URL in its environment, and only there.
---
--- What `cmd_env` holds, Neovim writes into its log of language servers from level info on; this it does not.
---@param command string[] the server's program and its arguments
---@param url fun(): string? gives the URL; it is called whenever a server starts
---@return fun(dispatchers: vim.lsp.rpc.Dispatchers): vim.lsp.rpc.PublicClient
function M.cmd(command, url)
  return function(dispatchers)
    return require('specql.server').start(command, url, dispatchers)
  end
end

return M
