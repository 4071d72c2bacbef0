--- The references that a code lens counts, in the quickfix list.
local M = {}

--- Shows them.
---@param command lsp.Command its arguments are the document's URI, a position, and the locations
---@param context { client_id: integer }
function M.show(command, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  local locations = (command.arguments or {})[3] or {}
  local items = vim.lsp.util.locations_to_items(locations, client and client.offset_encoding or 'utf-16')
  vim.fn.setqflist({}, ' ', { title = command.title, items = items })
  vim.cmd('botright copen')
end

return M
