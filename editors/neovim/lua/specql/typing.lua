--- Notices when a YAML buffer becomes an entity file while somebody types.
local M = {}

--- Watches a buffer of the filetype yaml until it is SpecQL's. Only lines that changed are looked at.
---@param bufnr integer
function M.watch(bufnr)
  if vim.b[bufnr].specql_watched or vim.bo[bufnr].buftype ~= '' then
    return
  end
  local detect = require('specql.detect')
  local function adopt()
    vim.schedule(function()
      if vim.api.nvim_buf_is_valid(bufnr) and vim.bo[bufnr].filetype == 'yaml' and detect.root(bufnr) then
        vim.bo[bufnr].filetype = 'yaml.specql'
      end
    end)
  end
  vim.b[bufnr].specql_watched = vim.api.nvim_buf_attach(bufnr, false, {
    on_lines = function(_, _, _, first, _, last)
      if detect.has_entity(vim.api.nvim_buf_get_lines(bufnr, first, last, false)) then
        adopt()
      end
    end,
    on_reload = adopt,
  })
end

return M
