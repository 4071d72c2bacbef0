--- `:Specql differences`, `resolve` and `consistency`: PostgreSQL beside the registry YAML.
local M = {}

local async = require('specql.async')
local client = require('specql.client')

local TITLE = 'SpecQL differences'
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

--- The quickfix list's entry for a difference.
---@param discrepancy table
---@param target specql.Target
---@return vim.quickfix.entry
local function entry(discrepancy, target)
  local item = { text = discrepancy.message, type = 'W' }
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
---@return table[]
local function at_cursor(report, target)
  local line = vim.api.nvim_win_get_cursor(0)[1]
  if vim.bo.buftype == 'quickfix' then
    if not is_listed() then
      return {}
    end
    local item = vim.fn.getqflist({ items = true }).items[line]
    local own = item and type(item.user_data) == 'table' and item.user_data.specql
    return own and { own.discrepancy } or {}
  end
  local uri = vim.uri_from_bufnr(target.bufnr)
  return vim.tbl_filter(function(discrepancy)
    local location = discrepancy.location
    return location ~= nil and location.uri == uri and location.range.start.line == line - 1
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
  local yes = discrepancy.attribute and 'Change' or 'Remove'
  local answer = async.select({ 'Cancel', yes }, question, tostring, 'specql_confirm')
  if answer ~= yes then
    async.stop('Nothing was changed in PostgreSQL.')
  end
  return true
end

--- `resolve [postgresql|yaml]`: has the server make one side say what the other says.
---@param arguments string[]
---@param target specql.Target
function M.resolve(arguments, target)
  local keep = arguments[1]
  if keep and not SIDES[keep] then
    async.stop(('A difference is resolved by keeping postgresql or yaml, not %s.'):format(keep))
  end
  local report = client.request(target, 'checkConsistency', { refresh = false })
  local here = at_cursor(report, target)
  local candidates = #here > 0 and here or report.discrepancies
  if #candidates == 0 then
    async.stop(verdict(report))
  end
  -- What is not at the cursor is never resolved without being seen.
  local discrepancy = #here == 1 and here[1]
    or async.select(candidates, 'Resolve', function(item)
      return item.message
    end, 'specql_difference')
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
