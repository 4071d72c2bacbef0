--- What is known of each registry, kept from the server's notifications.
local M = {}

---@type table<integer, table<string, table>> by client, then folder
local known = {}

local SOURCES = {
  postgresql = 'PostgreSQL',
  yaml = 'YAML',
  snapshot = 'snapshot',
  in_memory = 'in memory',
  none = 'no registry',
}

--- `specql/registryStatus`
function M.receive(_, status, context)
  if type(status) ~= 'table' then
    return
  end
  for id in pairs(known) do
    if not vim.lsp.get_client_by_id(id) then
      known[id] = nil
    end
  end
  known[context.client_id] = known[context.client_id] or {}
  known[context.client_id][status.folder or ''] = status
  require('specql.prompts').tidy(context.client_id, status)
  vim.api.nvim_exec_autocmds('User', { pattern = 'SpecqlStatus', modeline = false, data = status })
  vim.cmd.redrawstatus({ bang = true })
end

--- The newest status of a buffer's registry, as the server sent it.
---@param bufnr integer 0 for the current one
---@return table?
function M.get(bufnr)
  local target = require('specql.client').target(bufnr)
  local folders = target and known[target.client.id]
  return folders and folders[target.folder or '']
end

---@param target specql.Target
---@return table?
local function status_of(target)
  return (known[target.client.id] or {})[target.folder or '']
end

--- Ends the task where no code can be allocated, neither a new nor a leased one.
---@param target specql.Target
function M.require_codes(target)
  local status = status_of(target)
  if not status or (status.leased or 0) == 0 then
    M.require_writable(target, 'No code can be allocated')
  end
end

--- Ends the task where a registry cannot be written, before anything is asked for.
---@param target specql.Target
---@param what string what cannot be done, such as 'No domain can be registered'
function M.require_writable(target, what)
  local status = status_of(target)
  if not status or status.writable then
    return -- before the first status the server decides
  end
  local registry = status.source == 'none' and 'no registry can be read' or 'the registry is read-only'
  require('specql.async').stop(('%s: %s. %s (:help specql-database)'):format(what, registry, status.reason))
end

local function counted(number, one, many)
  return ('%d %s'):format(number, number == 1 and one or (many or one .. 's'))
end

---@param status table
---@return string
function M.short(status)
  local text = SOURCES[status.source] or status.source
  if status.stale then
    text = text .. ', stale'
  elseif status.source ~= 'none' and not status.writable then
    text = text .. ', read-only'
  end
  if (status.leased or 0) > 0 then
    text = ('%s, %s'):format(text, counted(status.leased, 'leased code'))
  end
  if type(status.discrepancies) == 'number' and status.discrepancies > 0 then
    text = ('%s ≠%d'):format(text, status.discrepancies)
  end
  return 'SpecQL: ' .. text
end

--- A status in sentences.
---@param status table
---@return string
function M.sentence(status)
  local parts = {}
  if status.source == 'none' then
    table.insert(parts, 'No registry can be read.')
  else
    local server = type(status.server) == 'string' and (' (%s)'):format(status.server) or ''
    table.insert(
      parts,
      ('%s%s answers, %s: %s, %s, %s.'):format(
        (SOURCES[status.source] or status.source):gsub('^%l', string.upper),
        server,
        status.stale and 'as it last was and read-only' or status.writable and 'writable' or 'read-only',
        counted(status.domains, 'domain'),
        counted(status.subdomains, 'subdomain'),
        counted(status.entities, 'entity', 'entities')
      )
    )
  end
  if type(status.discrepancies) == 'number' then
    local differ = status.discrepancies == 0 and 'PostgreSQL and the YAML agree.'
      or ('PostgreSQL and the YAML differ in %s.'):format(counted(status.discrepancies, 'place'))
    table.insert(parts, differ)
  end
  if type(status.reason) == 'string' and status.reason ~= '' then
    table.insert(parts, status.reason)
  end
  return table.concat(parts, ' ')
end

return M
