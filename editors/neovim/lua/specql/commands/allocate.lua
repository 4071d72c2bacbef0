--- `:Specql allocate [DOMAIN [SUBDOMAIN]]`: a code for the buffer's entity, or for one whose name is asked for.
local M = {}

local async = require('specql.async')
local domain_tree = require('specql.commands.domain_tree')

--- The domains, that of the file's schema first.
---@param domains table[]
---@param schema? string
---@return table[]
local function own_first(domains, schema)
  local own, others = {}, {}
  for _, domain in ipairs(domains) do
    table.insert(schema and domain_tree.is_named(domain, schema) and own or others, domain)
  end
  return vim.list_extend(own, others)
end

--- The subdomain of a domain that has a code for an entity already.
---@param domain table
---@param entity string
---@return table?
local function registered_in(domain, entity)
  for _, subdomain in ipairs(domain.subdomains) do
    for _, known in ipairs(subdomain.entities) do
      if known.name:lower() == entity:lower() then
        return subdomain
      end
    end
  end
end

--- Allocates a code, and says which.
---@param target specql.Target
---@param argument table
local function allocate(target, argument)
  local allocated = require('specql.client').request(target, 'allocateEntityCode', argument)
  local sentence = allocated.created and 'Allocated %s to %s (%s, %s).' or '%s is the code of %s already (%s, %s).'
  if allocated.leased then
    sentence = sentence .. ' It is a leased code, and is registered when PostgreSQL is back.'
  end
  require('specql.notify').show(
    sentence:format(allocated.tableCode, allocated.entity, allocated.domain.name, allocated.subdomain.name)
  )
end

---@param arguments string[]
---@param target specql.Target
function M.run(arguments, target)
  local client = require('specql.client')
  require('specql.status').require_codes(target)
  local file = require('specql.commands.entity').read(target.bufnr)
  local entity = file.name or async.input('Allocate a code for the entity: ')
  if entity == '' then
    async.stop('No entity is named, so nothing is allocated.')
  end
  local domains = domain_tree.with_codes(client.request(target, 'listDomains'))
  if #domains == 0 then
    async.stop('The registry has no domain yet: :Specql register-domain adds one.')
  end
  local domain = arguments[1] and domain_tree.named(domains, arguments[1], 'domain')
    or async.select(
      own_first(domains, file.schema),
      ('Domain of %s'):format(entity),
      domain_tree.domain_line,
      'specql_domain'
    )
  local subdomain = registered_in(domain, entity)
  if not subdomain then
    if #domain.subdomains == 0 then
      async.stop(('The domain %s has no subdomain yet: :Specql register-subdomain adds one.'):format(domain.name))
    end
    subdomain = arguments[2] and domain_tree.named(domain.subdomains, arguments[2], 'subdomain')
      or async.select(
        domain.subdomains,
        ('Subdomain of %s in %s'):format(entity, domain.name),
        domain_tree.subdomain_line,
        'specql_subdomain'
      )
  end
  allocate(target, {
    uri = file.is_entity and vim.uri_from_bufnr(target.bufnr) or nil,
    entity = entity,
    domain = domain.number,
    subdomain = subdomain.number,
  })
end

--- The action "Another subdomain…": asks for it, then allocates.
---@param command lsp.Command its argument is that of the allocation, without the subdomain
---@param context { client_id: integer, bufnr?: integer }
function M.choose_subdomain(command, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  local argument = (command.arguments or {})[1]
  if not client or not argument then
    return
  end
  async.run(function()
    local path = vim.fs.normalize(vim.uri_to_fname(argument.uri))
    local folder = require('specql.client').folder(client, path)
    local target = { client = client, folder = folder, bufnr = vim.uri_to_bufnr(argument.uri) }
    local domains = domain_tree.with_codes(require('specql.client').request(target, 'listDomains'))
    local domain = domain_tree.named(domains, argument.domain, 'domain')
    local subdomain = async.select(
      domain.subdomains,
      ('Subdomain of %s in %s'):format(argument.entity, domain.name),
      domain_tree.subdomain_line,
      'specql_subdomain'
    )
    allocate(target, vim.tbl_extend('force', argument, { subdomain = subdomain.number }))
  end)
end

return M
