--- Shows the user a sentence without ever asking them to press Enter for it.
local M = {}

--- As many are kept for `:Specql messages`.
local KEPT = 200
local SECONDS = 10
local WIDTH = 60
--- How long a sentence waits, again and again, while the command line is in use.
local RETRY_MS = 200

---@type { at: integer, level: integer, text: string }[]
local history = {}

--- Whether `vim.notify` is Neovim's own, which writes to the command line.
local function is_builtin()
  return debug.getinfo(vim.notify, 'S').source:find('vim/_editor.lua', 1, true) ~= nil
end

--- The lines of a text, broken between words.
---@param text string
---@param width integer
---@return string[]
local function wrapped(text, width)
  local lines = {}
  for _, paragraph in ipairs(vim.split(text, '\n', { plain = true })) do
    local line = ''
    for word in paragraph:gmatch('%S+') do
      if line ~= '' and vim.fn.strdisplaywidth(line .. ' ' .. word) > width then
        table.insert(lines, line)
        line = word
      else
        line = line == '' and word or line .. ' ' .. word
      end
    end
    table.insert(lines, line)
  end
  return lines
end

local HIGHLIGHTS = {
  [vim.log.levels.ERROR] = 'DiagnosticFloatingError',
  [vim.log.levels.WARN] = 'DiagnosticFloatingWarn',
}

---@type integer?
local shown

local function hide()
  if shown and vim.api.nvim_win_is_valid(shown) then
    pcall(vim.api.nvim_win_close, shown, true)
  end
  shown = nil
end

--- Shows a sentence that is too long for the command line in a corner, for a while. It takes neither keys nor focus.
---@param text string
---@param level integer
local function float(text, level)
  hide()
  local lines = wrapped(text, math.max(20, math.min(WIDTH, vim.o.columns - 4)))
  local width = 1
  for _, line in ipairs(lines) do
    width = math.max(width, vim.fn.strdisplaywidth(line))
  end
  local bufnr = vim.api.nvim_create_buf(false, true)
  vim.bo[bufnr].bufhidden = 'wipe'
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, lines)
  local window = vim.api.nvim_open_win(bufnr, false, {
    relative = 'editor',
    anchor = 'SE',
    row = vim.o.lines - vim.o.cmdheight - 1,
    col = vim.o.columns,
    width = width,
    height = math.min(#lines, math.max(1, vim.o.lines - 4)),
    style = 'minimal',
    border = 'rounded',
    title = ' SpecQL ',
    focusable = false,
    noautocmd = true,
    zindex = 200,
  })
  vim.wo[window].winhighlight = 'NormalFloat:' .. (HIGHLIGHTS[level] or 'NormalFloat')
  shown = window
  vim.defer_fn(function()
    if shown == window then
      hide()
    end
  end, SECONDS * 1000)
end

--- Shows a sentence: through `vim.notify`, or in a corner where it would not fit into the command line.
---@param text string
---@param level? integer one of `vim.log.levels`
function M.show(text, level)
  level = level or vim.log.levels.INFO
  table.insert(history, { at = os.time(), level = level, text = text })
  if #history > KEPT then
    table.remove(history, 1)
  end
  -- Not at once: after a choice or a question on the command line that would be one more line, and a prompt for Enter.
  -- Nor over a command line that somebody is typing.
  local function soon()
    if vim.api.nvim_get_mode().mode:find('^[cr]') then
      vim.defer_fn(soon, RETRY_MS)
    else
      vim.cmd.redraw()
      M.display(text, level)
    end
  end
  vim.schedule(soon)
end

--- Shows a sentence without keeping it.
---@param text string
---@param level integer
function M.display(text, level)
  local fits = vim.o.cmdheight > 0 and not text:find('\n') and vim.fn.strdisplaywidth(text) < vim.v.echospace
  if fits or not is_builtin() then
    hide()
    vim.notify(text, level, { title = 'SpecQL' })
  else
    float(text, level)
  end
end

--- The messages that were shown, the newest last.
---@return { at: integer, level: integer, text: string }[]
function M.history()
  return vim.deepcopy(history)
end

return M
