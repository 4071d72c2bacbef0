--- The domains of a registry, as commands choose and complete them.
local M = {}

local COMPLETION_MS = 1000

--- How many codes a domain has left.
---@param domain table
---@param key 'free'|'leased'
---@return integer
local function count(domain, key)
  local found = 0
  for _, subdomain in ipairs(domain.subdomains) do
    found = found + (key == 'free' and subdomain.free or #(subdomain.availableLeases or {}))
  end
  return found
end

--- The domains that an allocation may choose from: while PostgreSQL is away those with leased codes, and of each
--- the subdomains with leased codes.
---@param domains table[]
---@return table[]
function M.with_codes(domains)
  local leased = vim
    .iter(domains)
    :filter(function(domain)
      return count(domain, 'leased') > 0
    end)
    :map(function(domain)
      local subdomains = vim.tbl_filter(function(subdomain)
        return #subdomain.availableLeases > 0
      end, domain.subdomains)
      return vim.tbl_extend('force', domain, { subdomains = subdomains })
    end)
    :totable()
  return #leased > 0 and leased or domains
end

--- Whether a domain goes by a name: its number, name or an alias.
---@param domain table
---@param name string
---@return boolean
function M.is_named(domain, name)
  name = name:lower()
  return domain.number:lower() == name
    or domain.name:lower() == name
    or vim.iter(domain.aliases or {}):any(function(alias)
      return alias:lower() == name
    end)
end

--- The domain or subdomain that goes by a name; stops the task where there is none.
---@param items table[] domains or subdomains
---@param name string
---@param what string
---@return table
function M.named(items, name, what)
  for _, item in ipairs(items) do
    if M.is_named(item, name) then
      return item
    end
  end
  local known = vim.iter(items):map(M.title):join(', ')
  return require('specql.async').stop(('There is no %s %s; there are %s.'):format(what, name, known))
end

--- A domain's or subdomain's name and number.
---@param item table
---@return string
function M.title(item)
  return ('%s (%s)'):format(item.name, item.number)
end

--- A line about a domain.
---@param domain table
---@return string
function M.domain_line(domain)
  local key = count(domain, 'leased') > 0 and 'leased' or 'free'
  local codes = count(domain, key)
  local line = ('%s, %d %s %s'):format(M.title(domain), codes, codes == 1 and 'code' or 'codes', key)
  return domain.description and ('%s: %s'):format(line, domain.description) or line
end

--- A line about a subdomain, with the code that it would give next.
---@param subdomain table
---@return string
function M.subdomain_line(subdomain)
  local leased = subdomain.availableLeases or {}
  local left = #leased > 0 and ('%d leased, next %s'):format(#leased, leased[1])
    or subdomain.nextTableCode and ('%d free, next %s'):format(subdomain.free, subdomain.nextTableCode)
    or 'full'
  local line = ('%s, %s'):format(M.title(subdomain), left)
  return subdomain.description and ('%s: %s'):format(line, subdomain.description) or line
end

--- The domains of a buffer's registry, for a completion: none where no server answers in a second.
---@param bufnr integer
---@return table[]
function M.known(bufnr)
  local target = require('specql.client').target(bufnr)
  if not target then
    return {}
  end
  local answer = target.client:request_sync('workspace/executeCommand', {
    command = 'specql.listDomains',
    arguments = { { folder = target.folder, atOnce = true } }, -- names alone: no file needs to be read
  }, COMPLETION_MS, bufnr)
  return answer and answer.result or {}
end

--- Completes the name of a domain, then that of a subdomain.
---@param arguments string[]
---@param bufnr integer
---@return string[]
function M.complete(arguments, bufnr)
  local items = #arguments < 2 and M.known(bufnr) or {}
  if arguments[1] then
    for _, domain in ipairs(items) do
      if M.is_named(domain, arguments[1]) then
        items = domain.subdomains
        break
      end
    end
  end
  return vim
    .iter(items)
    :map(function(item)
      return item.name
    end)
    :totable()
end

return M
