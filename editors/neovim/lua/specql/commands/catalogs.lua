--- `:Specql patterns`, `:Specql services`, `:Specql catalog`: a picker of what a catalog lists; choosing goes to its place.
local M = {}

local async = require('specql.async')

--- A line about an entry.
---@param entry table
---@param titles table<string, string> of the sources
---@return string
local function line(entry, titles)
  local words = { entry.detail ~= '' and entry.detail or entry.kind, titles[entry.source] }
  if entry.deprecated then
    table.insert(words, 1, entry.replacement and 'deprecated, use ' .. entry.replacement or 'deprecated')
  end
  if entry.description ~= '' then
    table.insert(words, (entry.description:gsub('%s+', ' ')))
  end
  return ('%s  %s'):format(entry.name, table.concat(words, ' · '))
end

--- The lines that describe an entry which no file defines.
---@param entry table
---@return string[]
local function description(entry)
  local lines = { ('%s · %s'):format(entry.name, entry.kind) }
  if entry.deprecated then
    local instead = entry.replacement and ', use ' .. entry.replacement or ''
    local why = entry.deprecated ~= '' and ': ' .. entry.deprecated or ''
    table.insert(lines, 'Deprecated' .. instead .. why)
  end
  vim.list_extend(lines, vim.split(entry.description, '\n'))
  for _, item in ipairs(entry.items) do
    table.insert(lines, '')
    table.insert(lines, ('%s  %s'):format(item.name, item.detail))
    if item.description ~= '' then
      table.insert(lines, '    ' .. (item.description:gsub('%s+', ' ')))
    end
  end
  return lines
end

--- Runs `:Specql NAME [WORDS…]`: only entries that have each of the words.
---@param name string of the catalog
---@param arguments string[]
---@param target specql.Target
function M.run(name, arguments, target)
  local search = table.concat(arguments, ' ')
  local answer = require('specql.client').request(target, 'listCatalogs', { name = name, search = search })
  local catalog = answer[1]
  local titles = {}
  for _, source in ipairs(catalog.sources) do
    titles[source.name] = source.title
    if source.reason ~= '' then
      vim.notify(('%s: %s'):format(source.title, source.reason), vim.log.levels.WARN, { title = 'SpecQL' })
    end
  end
  if #catalog.entries == 0 then
    async.stop(('No %s is found.'):format(catalog.noun))
  end
  local entry = async.select(catalog.entries, catalog.title, function(item)
    return line(item, titles)
  end, 'specql_catalog')
  if entry.location then
    vim.lsp.util.show_document(entry.location, target.client.offset_encoding, { focus = true })
    vim.b.specql_folder = target.folder
  else
    require('specql.commands.scratch').open('catalog', description(entry))
  end
end

--- Runs `:Specql catalog [NAME [WORDS…]]`: any catalog that the server has; without a name it is chosen.
---@param arguments string[]
---@param target specql.Target
function M.any(arguments, target)
  local name = arguments[1]
  if not name then
    local catalogs = require('specql.client').request(target, 'listCatalogs', {})
    name = async.select(catalogs, 'Catalogs', function(catalog)
      return ('%s  %s'):format(catalog.title, catalog.about)
    end, 'specql_catalogs').name
  end
  M.run(name, vim.list_slice(arguments, 2), target)
end

return M
