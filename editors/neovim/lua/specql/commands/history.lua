--- `:Specql history`: what was done to the registry, or to the buffer's entity, newest first, in a window of its own.
local M = {}

--- A moment of the server (UTC) as this machine's clock shows it.
---@param at string
---@return string
local function moment(at)
  local year, month, day, hour, minute, second = at:match('^(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)')
  if not year then
    return at
  end
  local utc = os.time({ year = year, month = month, day = day, hour = hour, min = minute, sec = second, isdst = false })
  -- os.time() took the numbers for local time.
  local offset = os.difftime(utc, os.time(os.date('!*t', utc) --[[@as osdateparam]]))
  return os.date('%Y-%m-%d %H:%M:%S', utc + offset) --[[@as string]]
end

--- The history as lines of text.
---@param history table the answer of `specql.history`
---@return string[]
function M.lines(history)
  local rows, widths = {}, { 0, 0, 0 }
  for _, event in ipairs(history.events) do
    local by = event.author and ('%s, %s'):format(event.author, event.by) or event.by
    local row = { moment(event.at), by, event.application or '', (event.summary:gsub('%s+', ' ')) }
    for column = 1, 3 do
      widths[column] = math.max(widths[column], vim.fn.strdisplaywidth(row[column]))
    end
    table.insert(rows, row)
  end
  return vim
    .iter(rows)
    :map(function(row)
      for column = 1, 3 do
        row[column] = row[column] .. (' '):rep(widths[column] - vim.fn.strdisplaywidth(row[column]))
      end
      return table.concat(row, '  ')
    end)
    :totable()
end

---@param arguments string[] an entity's name or a code; without one, what the buffer's entity is
---@param target specql.Target
function M.run(arguments, target)
  local async = require('specql.async')
  local what, argument = arguments[1], {}
  if what then
    argument = what:match('^%x%x%x%x%x%x$') and what:match('%d') and { tableCode = what } or { entity = what }
  elseif vim.fn.search([[\C^["']\?entity["']\?\s*:]], 'nw') > 0 then
    argument = { uri = vim.uri_from_bufnr(0) }
  end
  local history = require('specql.client').request(target, 'history', argument)
  if not history.available then
    async.stop('There is no history. ' .. history.reason)
  elseif #history.events == 0 then
    async.stop('Nothing is recorded' .. (what and (' of ' .. what) or '') .. '.')
  end
  local lines = M.lines(history)
  local bufnr = require('specql.commands.scratch').open('history', lines)
  vim.api.nvim_win_set_height(0, math.min(#lines, math.floor(vim.o.lines / 2)))
  vim.wo[0][0].wrap = false
  vim.b[bufnr].specql_folder = target.folder
end

return M
