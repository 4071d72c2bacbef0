--- `:Specql report`: how the registry's queries fared, as tables.
local M = {}

--- A table with a head; the first column to the left, numbers to the right.
---@param head string[]
---@param rows string[][]
---@return string[]
local function tabulated(head, rows)
  local widths = {}
  for _, row in ipairs(vim.list_extend({ head }, rows)) do
    for column, cell in ipairs(row) do
      widths[column] = math.max(widths[column] or 0, vim.fn.strdisplaywidth(cell))
    end
  end
  local function line(row)
    local cells = {}
    for column, cell in ipairs(row) do
      local space = (' '):rep(widths[column] - vim.fn.strdisplaywidth(cell))
      table.insert(cells, column == 1 and cell .. space or space .. cell)
    end
    return '  ' .. table.concat(cells, '  ')
  end
  local lines = { line(head) }
  for _, row in ipairs(rows) do
    table.insert(lines, line(row))
  end
  return lines
end

---@param number? number
---@return string
local function ms(number)
  return number and ('%.1f'):format(number) or '–'
end

---@param share? number
---@return string
local function percent(share)
  return share and ('%.0f %%'):format(share * 100) or '–'
end

--- The rows of a table of operations or statements, the slowest first.
---@param by table<string, table>
---@return string[][]
local function timings(by)
  local names = vim.tbl_keys(by)
  table.sort(names, function(left, right)
    local a, b = by[left].p95Ms or 0, by[right].p95Ms or 0
    return a == b and left < right or a > b
  end)
  return vim
    .iter(names)
    :map(function(name)
      local one = by[name]
      return {
        name,
        tostring(one.queries),
        tostring(one.failed or 0),
        ms(one.averageMs),
        ms(one.p50Ms),
        ms(one.p95Ms),
        ms(one.maxMs),
        tostring(one.slow or 0),
      }
    end)
    :totable()
end

local HEAD = { 'queries', 'failed', 'average', 'p50', 'p95', 'max', 'slow' }

--- A report as lines of text.
---@param report table
---@return string[]
function M.lines(report)
  local lines = {
    ('Performance of the SpecQL registry since %s, in milliseconds'):format(report.since),
    '',
    ('%d queries, %d failed, %s successful; %d slow'):format(
      report.queries,
      report.failed,
      percent(report.successRate),
      report.slow
    ),
    ('average %s, half within %s, 95 of 100 within %s, longest %s'):format(
      ms(report.averageMs),
      ms(report.p50Ms),
      ms(report.p95Ms),
      ms(report.maxMs)
    ),
    ('snapshot: %d hits, %d misses, %s; %d fallbacks'):format(
      report.cache.hits,
      report.cache.misses,
      percent(report.cache.hitRate),
      report.fallbacks
    ),
  }
  for _, part in ipairs({ { 'operation', report.byOperation }, { 'statement', report.byStatement } }) do
    local rows = timings(part[2] or {})
    if #rows > 0 then
      table.insert(lines, '')
      vim.list_extend(lines, tabulated(vim.list_extend({ part[1] }, HEAD), rows))
    end
  end
  if #(report.slowQueries or {}) > 0 then
    local rows = vim
      .iter(report.slowQueries)
      :map(function(slow)
        return { slow.operation, slow.statement or '', ms(slow.ms), slow.at }
      end)
      :totable()
    table.insert(lines, '')
    vim.list_extend(lines, tabulated({ 'slow', 'statement', 'ms', 'at' }, rows))
  end
  for _, fallback in ipairs(report.fallbackReasons or {}) do
    table.insert(lines, '')
    table.insert(lines, ('%s fell back: %s'):format(fallback.at, fallback.reason))
  end
  return lines
end

---@param target specql.Target
function M.run(_, target)
  local report = require('specql.client').request(target, 'performanceReport')
  local lines = M.lines(report)
  local bufnr = require('specql.commands.scratch').open('performance', lines)
  vim.api.nvim_win_set_height(0, math.min(#lines, math.floor(vim.o.lines / 2)))
  vim.wo[0][0].wrap = false
  vim.b[bufnr].specql_folder = target.folder
end

return M
