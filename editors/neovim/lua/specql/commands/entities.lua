--- `:Specql entity [NAME|CODE]`: a flat picker of every registered entity; choosing goes to its place.
local M = {}

local async = require('specql.async')

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

--- Lets the user choose a registered entity, unless a name or a code leaves one only. Must run in a task.
---@param target specql.Target
---@param given? string a name or a code
---@param prompt string
---@return specql.Registered item
---@return table[] domains
function M.choose(target, given, prompt)
  local domains = require('specql.client').request(target, 'listDomains')
  local items = all(domains)
  if given then
    local wanted = given:lower()
    items = vim.tbl_filter(function(item)
      return item.entity.name:lower() == wanted or item.entity.tableCode:lower() == wanted
    end, items)
  end
  if #items == 0 then
    async.stop(given and ('No entity %s is registered.'):format(given) or 'No entity is registered yet.')
  end
  local item = given and #items == 1 and items[1] or async.select(items, prompt, M.line, 'specql_entity')
  return item, domains
end

--- Completes the name of a registered entity.
---@param arguments string[]
---@param bufnr integer
---@return string[]
function M.complete(arguments, bufnr)
  if #arguments > 0 then
    return {}
  end
  return vim
    .iter(all(require('specql.commands.domain_tree').known(bufnr)))
    :map(function(item)
      return item.entity.name
    end)
    :totable()
end

---@param arguments string[]
---@param target specql.Target
function M.run(arguments, target)
  local item = M.choose(target, arguments[1], 'Go to')
  local location = item.entity.fileLocation or item.entity.registryLocation
  if not location then
    async.stop(('%s is in PostgreSQL only: no file of the workspace has it.'):format(item.entity.name))
  end
  vim.lsp.util.show_document(location, target.client.offset_encoding, { focus = true })
  vim.b.specql_folder = target.folder
end

return M
