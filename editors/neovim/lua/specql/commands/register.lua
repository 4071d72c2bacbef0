--- `:Specql register-domain` and `register-subdomain`: what is not given is asked for.
local M = {}

local async = require('specql.async')
local client = require('specql.client')
local domain_tree = require('specql.commands.domain_tree')

--- The first number that nothing has; empty where all are taken.
---@param items table[] domains or subdomains
---@param digits integer
---@return string
local function free_number(items, digits)
  local taken = {}
  for _, item in ipairs(items) do
    taken[tonumber(item.number, 16) or 0] = true
  end
  for number = 1, 16 ^ digits - 1 do
    if not taken[number] then
      return ('%0' .. digits .. 'X'):format(number)
    end
  end
  return ''
end

--- An answer that must not be empty.
local function required(text, what)
  if text == '' then
    async.stop(('No %s is given, so nothing is registered.'):format(what))
  end
  return text
end

---@param text string
---@return string?
local function optional(text)
  return text ~= '' and text or nil
end

--- `register-domain [NUMBER [NAME]]`
---@param arguments string[]
---@param target specql.Target
function M.domain(arguments, target)
  require('specql.status').require_writable(target, 'No domain can be registered')
  local domains = client.request(target, 'listDomains')
  local number = required(arguments[1] or async.input("The domain's number: ", free_number(domains, 1)), 'number')
  local name = required(arguments[2] or async.input("The domain's name: "), 'name')
  local description = optional(async.input('Description (may be empty): '))
  local aliases = vim.split(async.input('Aliases, with commas (may be empty): '), '[,%s]+', { trimempty = true })
  local tenants = async.select({ false, true }, 'Does it hold the data of several tenants?', function(several)
    return several and 'Yes, multi-tenant' or 'No'
  end, 'specql_tenants')
  local domain = client.request(target, 'registerDomain', {
    number = number,
    name = name,
    description = description,
    aliases = aliases,
    multiTenant = tenants,
  })
  require('specql.notify').show(('Registered the domain %s %s.'):format(domain.number, domain.name))
end

--- `register-subdomain [DOMAIN [NUMBER [NAME]]]`
---@param arguments string[]
---@param target specql.Target
function M.subdomain(arguments, target)
  require('specql.status').require_writable(target, 'No subdomain can be registered')
  local domains = client.request(target, 'listDomains')
  local domain = arguments[1] and domain_tree.named(domains, arguments[1], 'domain')
    or async.select(domains, 'Add a subdomain to', domain_tree.domain_line, 'specql_domain')
  local number =
    required(arguments[2] or async.input("The subdomain's number: ", free_number(domain.subdomains, 2)), 'number')
  local name = required(arguments[3] or async.input("The subdomain's name: "), 'name')
  local description = optional(async.input('Description (may be empty): '))
  local subdomain = client.request(target, 'registerSubdomain', {
    domain = domain.number,
    number = number,
    name = name,
    description = description,
  })
  require('specql.notify').show(
    ('Registered the subdomain %s %s of %s; its next code is %s.'):format(
      subdomain.number,
      subdomain.name,
      domain.name,
      subdomain.nextTableCode or 'none'
    )
  )
end

return M
