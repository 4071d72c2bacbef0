--- `:Specql differences`, `resolve` and `consistency`: PostgreSQL beside the registry YAML.
local M = {}

local async = require('specql.async')
local client = require('specql.client')

local TITLE = 'SpecQL differences'
local MOST_LISTED = 15
local GROUPS = { postgresql = 'Only in PostgreSQL', yaml = 'Only in the YAML', both = 'Different' }
local SIDES = { postgresql = 'keepPostgresql', yaml = 'keepYaml' }

---@param report table
---@return string
local function verdict(report)
  local checked = report.summary.entitiesChecked
  local entities = ('%d %s compared'):format(checked, checked == 1 and 'entity' or 'entities')
  local count = #report.discrepancies
  if count == 0 then
    return ('PostgreSQL and the registry YAML agree (%s).'):format(entities)
  end
  return ('PostgreSQL and the registry YAML differ in %d %s (%s).'):format(
    count,
    count == 1 and 'place' or 'places',
    entities
  )
end

--- A difference in a list: `Thing201  011201 · core / area_20 · only in PostgreSQL`.
---@param discrepancy table
---@return string
local function line_of(discrepancy)
  return ('%s  %s'):format(discrepancy.name, discrepancy.detail)
end

--- The quickfix list's entry for a difference.
---@param discrepancy table
---@param target specql.Target
---@return vim.quickfix.entry
local function entry(discrepancy, target)
  local item = { text = line_of(discrepancy), type = 'W' }
  if discrepancy.location then
    local places = vim.lsp.util.locations_to_items({ discrepancy.location }, target.client.offset_encoding)
    item = vim.tbl_extend('force', places[1] or {}, item)
  end
  item.user_data = { specql = { discrepancy = discrepancy, folder = target.folder } }
  return item
end

--- Whether the current quickfix list is ours.
local function is_listed()
  return vim.fn.getqflist({ title = true }).title == TITLE
end

--- Puts the differences into the quickfix list: a new one, or the current one where that is ours.
---@param discrepancies table[]
---@param target specql.Target
local function list(discrepancies, target)
  local items = vim
    .iter(discrepancies)
    :map(function(discrepancy)
      return entry(discrepancy, target)
    end)
    :totable()
  local index = is_listed() and vim.fn.getqflist({ idx = 0 }).idx or 1
  vim.fn.setqflist({}, is_listed() and 'r' or ' ', {
    title = TITLE,
    items = items,
    idx = #items > 0 and math.min(math.max(index, 1), #items) or nil,
  })
end

---@param target specql.Target
function M.run(_, target)
  local report = client.request(target, 'checkConsistency')
  if #report.discrepancies > 0 then
    list(report.discrepancies, target)
    vim.cmd('botright copen')
  elseif is_listed() then
    list({}, target)
    vim.cmd.cclose()
  end
  require('specql.notify').show(verdict(report))
end

---@param target specql.Target
function M.consistency(_, target)
  local report = client.request(target, 'checkConsistency')
  if is_listed() then
    list(report.discrepancies, target)
  end
  require('specql.notify').show(verdict(report))
end

--- The differences at the cursor: that of the quickfix list's line, or those of the registry YAML's.
---@param report table
---@param target specql.Target
---@param lines? integer[] the first and the last line of a range, instead of the cursor's
---@return table[]
local function at_cursor(report, target, lines)
  local line = vim.api.nvim_win_get_cursor(0)[1]
  local first, last = lines and lines[1] or line, lines and lines[2] or line
  if vim.bo.buftype == 'quickfix' then
    if not is_listed() then
      return {}
    end
    local found = {}
    for index, item in ipairs(vim.fn.getqflist({ items = true }).items) do
      local own = index >= first and index <= last and type(item.user_data) == 'table' and item.user_data.specql
      if own then
        found[#found + 1] = own.discrepancy
      end
    end
    return found
  end
  local uri = vim.uri_from_bufnr(target.bufnr)
  return vim.tbl_filter(function(discrepancy)
    local location = discrepancy.location
    local at = location and location.uri == uri and location.range.start.line + 1
    return at and at >= first and at <= last
  end, report.discrepancies)
end

--- Asks before PostgreSQL is changed; not agreeing ends the task.
---@param discrepancy table
---@return boolean? confirmed nil where nothing has to be asked, as PostgreSQL is only added to
local function confirm(discrepancy)
  local question = discrepancy.keepYamlQuestion
  if type(question) ~= 'string' then
    return nil
  end
  local yes = discrepancy.attribute and 'Change PostgreSQL' or 'Remove from PostgreSQL'
  local answer = async.select({ 'Cancel', yes }, question, tostring, 'specql_confirm')
  if answer ~= yes then
    async.stop('Nothing was changed in PostgreSQL.')
  end
  return true
end

--- The side that is named, or nil; anything else ends the task.
---@param keep? string
---@return string?
local function side_of(keep)
  if keep and not SIDES[keep] then
    async.stop(('A difference is resolved by keeping postgresql or yaml, not %s.'):format(keep))
  end
  return keep
end

--- Keeps one side of several differences: what is done is listed before, what is refused is said after.
---@param target specql.Target
---@param discrepancies table[]
---@param keep? string
local function keep_several(target, discrepancies, keep)
  keep = keep
    or async.select({ 'postgresql', 'yaml' }, ('%d differences'):format(#discrepancies), function(side)
      return side == 'postgresql' and 'Keep PostgreSQL: write the YAML' or 'Keep the YAML: write PostgreSQL'
    end, 'specql_side')
  local argument = { discrepancies = discrepancies, keep = keep, dryRun = true }
  local preview = client.request(target, 'resolveDiscrepancies', argument)
  local lines = {}
  for _, change in ipairs(preview.changes) do
    lines[#lines + 1] = change.line
  end
  for _, refused in ipairs(preview.refused) do
    lines[#lines + 1] = ('Refused: %s %s'):format(refused.discrepancy.message, refused.message)
  end
  if #lines > MOST_LISTED then
    require('specql.commands.scratch').open('changes', lines)
    vim.cmd.redraw() -- the question may be asked where nothing is drawn until it is answered
    local more = #lines - MOST_LISTED
    lines = vim.list_slice(lines, 1, MOST_LISTED)
    lines[#lines + 1] = ('… and %d more, in the window specql://changes'):format(more)
  end
  if preview.resolved == 0 then
    async.stop(table.concat(lines, '\n'))
  end
  local written = keep == 'postgresql' and 'the registry YAML' or 'PostgreSQL'
  local yes = ('Write %d to %s'):format(preview.resolved, written)
  lines[#lines + 1] = yes .. '?'
  if async.select({ 'Cancel', yes }, table.concat(lines, '\n'), tostring, 'specql_confirm') ~= yes then
    async.stop(('Nothing was changed in %s.'):format(written))
  end
  argument.dryRun, argument.confirmed = nil, true
  local answer = client.request(target, 'resolveDiscrepancies', argument)
  local said = ('%d resolved in %s%s.'):format(
    answer.resolved,
    written,
    keep == 'postgresql' and '; write it with :wall' or ''
  )
  for _, refused in ipairs(answer.refused) do
    said = ('%s\nRefused: %s %s'):format(said, refused.discrepancy.message, refused.message)
  end
  require('specql.notify').show(said, #answer.refused > 0 and vim.log.levels.WARN or nil)
  if is_listed() then
    local left = client.request(target, 'checkConsistency').discrepancies
    list(left, target)
    if #left == 0 then
      vim.cmd.cclose()
    end
  end
end

--- `keep-all [postgresql|yaml]`: everything that differs, or a domain or another group of it.
---@param arguments string[]
---@param target specql.Target
function M.keep_all(arguments, target)
  local keep = side_of(arguments[1])
  local report = client.request(target, 'checkConsistency')
  if #report.discrepancies == 0 then
    async.stop(verdict(report))
  end
  local groups = { { label = 'Everything', of = report.discrepancies } }
  local known = {}
  local function put(label, discrepancy)
    if not known[label] then
      known[label] = { label = label, of = {} }
      groups[#groups + 1] = known[label]
    end
    table.insert(known[label].of, discrepancy)
  end
  for _, discrepancy in ipairs(report.discrepancies) do
    put(('Domain %s (%s)'):format(discrepancy.domain, discrepancy.domainName), discrepancy)
  end
  for _, discrepancy in ipairs(report.discrepancies) do
    put(GROUPS[discrepancy.side], discrepancy)
  end
  local group = async.select(groups, 'Keep all of', function(item)
    return ('%s: %d'):format(item.label, #item.of)
  end, 'specql_group')
  keep_several(target, group.of, keep)
end

--- `resolve [postgresql|yaml]`: has the server make one side say what the other says.
---@param arguments string[]
---@param target specql.Target
---@param lines? integer[] the first and the last line of a range: all differences in it
function M.resolve(arguments, target, lines)
  local keep = side_of(arguments[1])
  local report = client.request(target, 'checkConsistency', { refresh = false })
  local here = at_cursor(report, target, lines)
  if lines and #here > 1 then
    keep_several(target, here, keep)
    return
  end
  local candidates = #here > 0 and here or report.discrepancies
  if #candidates == 0 then
    async.stop(verdict(report))
  end
  -- What is not at the cursor is never resolved without being seen.
  local discrepancy = #here == 1 and here[1]
    or async.select(candidates, 'Resolve', line_of, 'specql_difference')
  keep = keep
    or async.select({ 'postgresql', 'yaml' }, discrepancy.message, function(side)
      return discrepancy[SIDES[side]] or side
    end, 'specql_side')
  local confirmed = keep == 'yaml' and confirm(discrepancy) or nil
  local answer =
    client.request(target, 'resolveDiscrepancy', { discrepancy = discrepancy, keep = keep, confirmed = confirmed })
  local notify = require('specql.notify')
  if not answer.resolved and keep == 'yaml' then
    notify.show('Nothing was changed in PostgreSQL.')
  elseif not answer.resolved then
    notify.show('Nothing was changed: the editor did not take the edit of the registry YAML.', vim.log.levels.WARN)
  elseif keep == 'postgresql' then
    notify.show('The registry YAML now says what PostgreSQL says here; write it with :wall.')
  else
    notify.show('PostgreSQL now says what the registry YAML says here.')
  end
  if is_listed() then
    local items = vim.tbl_filter(function(item)
      local own = type(item.user_data) == 'table' and item.user_data.specql
      return not (answer.resolved and own and vim.deep_equal(own.discrepancy, discrepancy))
    end, vim.fn.getqflist({ items = true }).items)
    local index = vim.fn.getqflist({ idx = 0 }).idx
    vim.fn.setqflist({}, 'r', { items = items, title = TITLE, idx = math.max(1, math.min(index, #items)) })
    if #items == 0 then
      vim.cmd.cclose()
    end
  end
end

return M
