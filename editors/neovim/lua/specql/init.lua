--- What configurations may call.
local M = {}

---@class specql.Urls
---@field folder? fun(root?: string): string? the URL of the folder; it goes before its specql-lsp.toml. nil: none
---@field default? fun(root?: string): string? the URL of folders whose specql-lsp.toml names none

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
--- Each root has a server of its own, so that each can have a database of its own.
---@param command string[] the server's program and its arguments
---@param url specql.Urls|fun(root?: string): string? called whenever a server starts; a function is that of `folder`
---@return fun(dispatchers: vim.lsp.rpc.Dispatchers, config?: vim.lsp.ClientConfig): vim.lsp.rpc.PublicClient
function M.cmd(command, url)
  local urls = type(url) == 'table' and url or { folder = url }
  return function(dispatchers, config)
    return require('specql.server').start(command, urls, dispatchers, config and config.root_dir)
  end
end

return M
