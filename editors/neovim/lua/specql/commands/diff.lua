--- `:Specql diff`: the registry YAML beside its text as it would be if it held what PostgreSQL holds.
local M = {}

---@param target specql.Target
function M.run(_, target)
  local answer = require('specql.client').request(target, 'registryAsYaml')
  vim.cmd.tabedit(vim.fn.fnameescape(vim.uri_to_fname(answer.uri)))
  local yaml = vim.api.nvim_get_current_win()
  local lines = vim.split(answer.text, '\r?\n')
  if lines[#lines] == '' then
    table.remove(lines)
  end
  local name = vim.fs.basename(vim.uri_to_fname(answer.uri))
  local bufnr = require('specql.commands.scratch').open('postgresql/' .. name, lines, { command = 'rightbelow vnew' })
  vim.bo[bufnr].syntax = 'yaml'
  vim.b[bufnr].specql_folder = target.folder
  vim.cmd.diffthis()
  vim.api.nvim_set_current_win(yaml)
  vim.cmd.diffthis()
end

return M
