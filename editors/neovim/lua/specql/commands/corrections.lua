--- `:Specql move-registration`, `release-code` and `rename-registration`: each says what it would do, and asks.
local M = {}

local async = require('specql.async')
local entities = require('specql.commands.entities')

--- What a command of the server would do; the user agrees, or the task ends.
---@param target specql.Target
---@param command string
---@param argument table
---@param sentence fun(preview: table): string
---@return table result
local function after_asking(target, command, argument, sentence)
  local client = require('specql.client')
  local preview = client.request(target, command, vim.tbl_extend('keep', { dryRun = true }, argument))
  if async.select({ 'Yes', 'No' }, sentence(preview) .. '?', tostring, 'specql_confirm') == 'No' then
    async.stop()
  end
  return client.request(target, command, argument)
end

--- The argument that names a registered entity as it was shown: with its code.
---@param item specql.Registered
---@return table
local function named(item)
  return {
    domain = item.domain.number,
    entity = item.entity.name,
    tableCode = item.entity.tableCode,
  }
end

--- The files of a preview, as a sentence ends with them.
---@param files? string[]
---@return string
local function with_files(files)
  if not files or #files == 0 then
    return ''
  end
  local names = vim.iter(files):map(vim.uri_to_fname):map(function(path)
    return vim.fn.fnamemodify(path, ':~:.')
  end)
  return (' (and write it into %s)'):format(names:join(', '))
end

--- `:Specql move-registration [ENTITY [SUBDOMAIN]]`
---@param arguments string[]
---@param target specql.Target
function M.move(arguments, target)
  require('specql.status').require_writable(target, 'No entity can be moved')
  local tree = require('specql.commands.domain_tree')
  local item, domains = entities.choose(target, arguments[1], 'Move which entity')
  local domain = tree.named(domains, item.domain.number, 'domain')
  local others = vim.tbl_filter(function(subdomain)
    return subdomain.number ~= item.subdomain.number
  end, domain.subdomains)
  if #others == 0 then
    async.stop(('%s has no other subdomain: :Specql register-subdomain adds one.'):format(domain.name))
  end
  local subdomain = arguments[2] and tree.named(others, arguments[2], 'subdomain')
    or async.select(others, ('Move %s to'):format(item.entity.name), tree.subdomain_line, 'specql_subdomain')
  local argument = vim.tbl_extend('force', named(item), { subdomain = subdomain.number })
  local moved = after_asking(target, 'moveRegistration', argument, function(preview)
    return ('Move %s to %s: %s instead of %s%s'):format(
      preview.entity,
      preview.subdomain.name,
      preview.tableCode,
      preview.previousTableCode,
      with_files(preview.files)
    )
  end)
  local sentence = '%s is in %s now, with the code %s.'
  require('specql.notify').show(sentence:format(moved.entity, moved.subdomain.name, moved.tableCode))
end

--- `:Specql release-code [ENTITY]`
---@param arguments string[]
---@param target specql.Target
function M.release(arguments, target)
  require('specql.status').require_writable(target, 'No code can be released')
  local item = entities.choose(target, arguments[1], 'Release the code of which entity')
  local argument = vim.tbl_extend('force', named(item), { subdomain = item.subdomain.number })
  local released = after_asking(target, 'releaseCode', argument, function(preview)
    return ('Take the registration of %s back, so that %s is free again'):format(preview.entity, preview.tableCode)
  end)
  require('specql.notify').show(('%s is free again.'):format(released.tableCode))
end

--- `:Specql rename-registration [ENTITY [NAME]]`
---@param arguments string[]
---@param target specql.Target
function M.rename(arguments, target)
  require('specql.status').require_writable(target, 'No entity can be renamed')
  local item = entities.choose(target, arguments[1], 'Rename which entity in the registry')
  local name = arguments[2] or async.input(('New name of %s: '):format(item.entity.name), item.entity.name)
  if name == '' then
    async.stop('No name is given, so nothing is renamed.')
  end
  local argument = vim.tbl_extend('force', named(item), { subdomain = item.subdomain.number, newName = name })
  local renamed = after_asking(target, 'renameRegistration', argument, function(preview)
    return ('Rename %s to %s in the registry (keeps %s; files stay as they are)'):format(
      preview.previousName,
      preview.entity,
      preview.tableCode
    )
  end)
  require('specql.notify').show(('%s is %s now.'):format(renamed.previousName, renamed.entity))
end

return M
