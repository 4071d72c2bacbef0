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

return M
