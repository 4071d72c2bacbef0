--- `:Specql allocate-missing [PATH…]`: codes for every entity file that has none, shown before they are allocated.
local M = {}

local async = require('specql.async')

--- A file as it is shown.
---@param uri string
---@return string
local function shown(uri)
  return vim.fn.fnamemodify(vim.uri_to_fname(uri), ':~:.')
end

--- What would be done, a line for each file.
---@param answer table
---@return string[]
local function lines(answer)
  local found = {}
  for _, each in ipairs(answer.allocated) do
    local place = ('%s / %s'):format(each.domain.name, each.subdomain.name)
    local code = each.tableCode .. (each.leased and ' (leased)' or '')
    table.insert(found, ('%s  %s  %s  %s'):format(code, each.entity, place, shown(each.uri)))
  end
  for _, each in ipairs(answer.refused) do
    table.insert(found, ('no code  %s  %s  %s'):format(each.entity, shown(each.uri), each.message))
  end
  return found
end

--- How many codes, in words.
---@param count integer
---@return string
local function codes(count)
  return count == 1 and '1 code' or ('%d codes'):format(count)
end

--- The URI of a file or folder, as it was typed.
---@param typed string
---@return string
local function uri_of(typed)
  local path = vim.fs.normalize(vim.fn.fnamemodify(typed, ':p'))
  return vim.uri_from_fname((path:gsub('(.)/$', '%1')))
end

---@param arguments string[] files and folders; empty: the workspace
---@param target specql.Target
function M.run(arguments, target)
  local client = require('specql.client')
  require('specql.status').require_codes(target)
  local scopes = vim.iter(arguments):map(uri_of):totable()
  -- The folder is a scope like the others; without one it is the whole workspace.
  local argument = { folder = table.remove(scopes, 1) or target.folder, uris = #scopes > 0 and scopes or nil }
  local preview = client.request(target, 'allocateMissingCodes', vim.tbl_extend('error', { dryRun = true }, argument))
  local listed = lines(preview)
  if #listed == 0 then
    require('specql.notify').show('Every entity has a code.')
    return
  end
  require('specql.commands.scratch').open('missing-codes', listed)
  vim.cmd.redraw() -- the question may be asked where nothing is drawn meanwhile
  if #preview.allocated == 0 then
    async.stop('No file gets a code; the list says why.')
  end
  local question = ('Allocate %s?'):format(codes(#preview.allocated))
  if async.select({ 'Yes', 'No' }, question, tostring, 'specql_confirm') == 'No' then
    async.stop()
  end
  local answer = client.request(target, 'allocateMissingCodes', argument)
  require('specql.commands.scratch').open('missing-codes', lines(answer))
  local left = #answer.refused > 0 and (', %d not'):format(#answer.refused) or ''
  local leased = vim.iter(answer.allocated):any(function(each)
    return each.leased
  end)
  local later = leased and ' Leased codes are registered when PostgreSQL is back.' or ''
  local write = #answer.allocated > 0 and ' :wall writes the files.' or ''
  require('specql.notify').show(('%s allocated%s.%s%s'):format(codes(#answer.allocated), left, write, later))
end

return M
