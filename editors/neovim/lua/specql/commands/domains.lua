--- `:Specql domains [DOMAIN [SUBDOMAIN]]`: a picker of what the registry holds; choosing goes to its place.
local M = {}

local async = require('specql.async')
local domain_tree = require('specql.commands.domain_tree')

---@class specql.Place
---@field name string
---@field label string
---@field locations table[] where it may be, the best first

--- What a domain holds, itself first.
---@param domain table
---@return specql.Place[]
local function places(domain)
  local label = domain_tree.domain_line(domain)
  local all = { { name = domain.name, label = label, locations = { domain.registryLocation } } }
  for _, subdomain in ipairs(domain.subdomains) do
    table.insert(all, {
      name = subdomain.name,
      label = '  ' .. domain_tree.subdomain_line(subdomain),
      locations = { subdomain.registryLocation },
    })
    for _, entity in ipairs(subdomain.entities) do
      local locations = {}
      table.insert(locations, entity.fileLocation)
      table.insert(locations, entity.registryLocation)
      local where = entity.fileLocation and vim.fn.fnamemodify(vim.uri_to_fname(entity.fileLocation.uri), ':~:.')
        or entity.registryLocation and 'the registry'
        or 'no file'
      table.insert(all, {
        name = entity.name,
        label = ('    %s  %s  %s'):format(entity.tableCode, entity.name, where),
        locations = locations,
      })
    end
  end
  return all
end

--- Goes to a place.
---@param place specql.Place
---@param target specql.Target
local function go(place, target)
  local location = place.locations[1]
  if not location then
    async.stop(('%s is in PostgreSQL only: no file of the workspace has it.'):format(place.name))
  end
  vim.lsp.util.show_document(location, target.client.offset_encoding, { focus = true })
  vim.b.specql_folder = target.folder
end

---@param arguments string[]
---@param target specql.Target
function M.run(arguments, target)
  local domains = require('specql.client').request(target, 'listDomains')
  if #domains == 0 then
    async.stop('The registry has no domain yet: :Specql register-domain adds one.')
  end
  local domain = arguments[1] and domain_tree.named(domains, arguments[1], 'domain')
    or async.select(domains, 'Domain', domain_tree.domain_line, 'specql_domain')
  if arguments[2] then
    domain.subdomains = { domain_tree.named(domain.subdomains, arguments[2], 'subdomain') }
  end
  local place = async.select(places(domain), 'Go to', function(item)
    return item.label
  end, 'specql_entity')
  go(place, target)
end

return M
