--- Windows with read-only text.
local M = {}

--- Opens a text in a window; `q` closes it. A window that shows the name already is used again.
---@param name string of the buffer, as `specql://NAME`
---@param lines string[]
---@param options? { filetype?: string, command?: string } the command that opens a window; default: below
---@return integer bufnr
function M.open(name, lines, options)
  options = options or {}
  name = 'specql://' .. name
  local bufnr = vim.fn.bufnr('^' .. vim.fn.escape(name, '[]*?{},\\') .. '$')
  local window = bufnr ~= -1 and vim.fn.bufwinid(bufnr) or -1
  if window ~= -1 then
    vim.api.nvim_set_current_win(window)
  else
    vim.cmd(options.command or 'botright new')
    if bufnr == -1 then
      bufnr = vim.api.nvim_get_current_buf()
      vim.api.nvim_buf_set_name(bufnr, name)
    else
      vim.api.nvim_win_set_buf(0, bufnr)
    end
  end
  vim.bo[bufnr].buftype = 'nofile'
  vim.bo[bufnr].bufhidden = 'wipe'
  vim.bo[bufnr].swapfile = false
  vim.bo[bufnr].modifiable = true
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, lines)
  vim.bo[bufnr].modifiable = false
  vim.bo[bufnr].modified = false
  vim.bo[bufnr].filetype = options.filetype or ''
  vim.keymap.set('n', 'q', '<Cmd>close<CR>', { buffer = bufnr, nowait = true, desc = 'Close this window' })
  return bufnr
end

return M
