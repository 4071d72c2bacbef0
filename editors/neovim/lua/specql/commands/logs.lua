--- `:Specql messages` and `log`: the messages that were shown, and Neovim's log.
local M = {}

local LEVELS = {}
for name, level in pairs(vim.log.levels) do
  LEVELS[level] = name:lower()
end

function M.messages()
  local lines = {}
  for _, message in ipairs(require('specql.notify').history()) do
    local head = ('%s %s: '):format(os.date('%H:%M:%S', message.at), LEVELS[message.level])
    vim.list_extend(lines, vim.split(head .. message.text, '\n', { plain = true }))
  end
  if #lines == 0 then
    lines = { 'No message was shown yet.' }
  end
  require('specql.commands.scratch').open('messages', lines)
  vim.api.nvim_win_set_cursor(0, { #lines, 0 })
end

function M.log()
  local path = vim.lsp.log and vim.lsp.log.get_filename() or vim.lsp.get_log_path()
  if not vim.uv.fs_stat(path) then
    require('specql.async').stop(('%s is not there: nothing was logged yet.'):format(path))
  end
  vim.cmd.tabedit(vim.fn.fnameescape(path))
  vim.cmd.normal({ 'G', bang = true })
end

return M
