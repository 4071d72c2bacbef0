--- `:Specql entity [WORDS]`: a flat picker of every registered entity; choosing goes to its place.
local M = {}

local async = require('specql.async')

--- More than these are asked for by words first, where a list is only numbered.
local MOST_NUMBERED = 100

---@class specql.Registered
---@field entity table
---@field subdomain table
---@field domain table

--- Every registered entity with its subdomain and domain, in the order of the registry.
---@param domains table[]
---@return specql.Registered[]
local function all(domains)
  local found = {}
  for _, domain in ipairs(domains) do
    for _, subdomain in ipairs(domain.subdomains) do
      for _, entity in ipairs(subdomain.entities) do
        table.insert(found, { entity = entity, subdomain = subdomain, domain = domain })
      end
    end
  end
  return found
end

--- A line about a registered entity.
---@param item specql.Registered
---@return string
function M.line(item)
  return ('%s  %s  %s / %s'):format(item.entity.name, item.entity.tableCode, item.domain.name, item.subdomain.name)
end

--- The entities whose line has each of some words; those of which it is the name or the code, if there are any.
---@param items specql.Registered[]
---@param text string
---@return specql.Registered[] found
---@return boolean exact
local function search(items, text)
  local wanted = text:lower()
  local exact = vim.tbl_filter(function(item)
    return item.entity.name:lower() == wanted or item.entity.tableCode:lower() == wanted
  end, items)
  if #exact > 0 then
    return exact, true
  end
  local words = vim.split(wanted, '%s+', { trimempty = true })
  local found = vim.tbl_filter(function(item)
    local line = M.line(item):lower()
    return vim.iter(words):all(function(word)
      return line:find(word, 1, true) ~= nil
    end)
  end, items)
  return found, false
end

--- Whether choices are made in Neovim's own numbered list, which cannot be searched.
---@return boolean
local function is_numbered()
  return debug.getinfo(vim.ui.select, 'S').source:find('vim/ui%.lua$') ~= nil
end

--- Lets the user choose a registered entity, unless a name or a code leaves one only. Must run in a task.
---@param target specql.Target
---@param given? string a name or a code, or words of the name, the code and the domain
---@param prompt string
---@return specql.Registered item
---@return table[] domains
function M.choose(target, given, prompt)
  local domains = require('specql.client').request(target, 'listDomains')
  local items = all(domains)
  local exact = false
  if not given and #items > MOST_NUMBERED and is_numbered() then
    given = async.input(('%s (a part of the name, code or domain of %d): '):format(prompt, #items))
  end
  if given then
    items, exact = search(items, given)
  end
  if #items == 0 then
    async.stop(given and ('No entity %s is registered.'):format(given) or 'No entity is registered yet.')
  end
  local item = exact and #items == 1 and items[1] or async.select(items, prompt, M.line, 'specql_entity')
  return item, domains
end

--- Completes the name or the code of a registered entity.
---@param arguments string[]
---@param bufnr integer
---@return string[]
function M.complete(arguments, bufnr)
  if #arguments > 0 then
    return {}
  end
  local found = {}
  for _, item in ipairs(all(require('specql.commands.domain_tree').known(bufnr))) do
    vim.list_extend(found, { item.entity.name, item.entity.tableCode })
  end
  return found
end

---@param arguments string[]
---@param target specql.Target
function M.run(arguments, target)
  local item = M.choose(target, #arguments > 0 and table.concat(arguments, ' ') or nil, 'Go to')
  local location = item.entity.fileLocation or item.entity.registryLocation
  if not location then
    async.stop(('%s is in PostgreSQL only: no file of the workspace has it.'):format(item.entity.name))
  end
  vim.lsp.util.show_document(location, target.client.offset_encoding, { focus = true })
  vim.b.specql_folder = target.folder
end

return M
