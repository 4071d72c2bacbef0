--- `:Specql`: its subcommands, their completion, and running them.
local M = {}

---@class specql.Subcommand
---@field summary string one line for `:Specql` without arguments and for `:help`
---@field run fun(arguments: string[], target?: specql.Target, lines?: integer[]) in a task; the range's lines
---@field complete? fun(arguments: string[], bufnr: integer, lead: string): string[] what may be the next argument
---@field alone? boolean needs no server

--- A subcommand that is implemented in another file.
---@param module string
---@param name? string the function; default `run`
local function from(module, name)
  return function(...)
    return require('specql.commands.' .. module)[name or 'run'](...)
  end
end

local function domain_names(...)
  return require('specql.commands.domain_tree').complete(...)
end

local function entity_names(...)
  return require('specql.commands.entities').complete(...)
end

--- A subcommand that looks something up in a catalog of the server.
---@param name string
local function catalog(name)
  return function(...)
    return require('specql.commands.catalogs').run(name, ...)
  end
end

---@type table<string, specql.Subcommand>
M.subcommands = {
  allocate = {
    summary = "Allocate a code for the buffer's entity",
    run = from('allocate'),
    complete = domain_names,
  },
  ['allocate-missing'] = {
    summary = 'Allocate codes for every file that has none, after a preview',
    run = from('missing_codes'),
    complete = function(_, _, lead)
      return vim.fn.getcompletion(lead, 'file')
    end,
  },
  entity = {
    summary = 'Look up any registered entity by name, code or domain, and go there',
    run = from('entities'),
    complete = entity_names,
  },
  ['move-registration'] = {
    summary = 'Move a registered entity to another subdomain: a new code',
    run = from('corrections', 'move'),
    complete = entity_names,
  },
  ['release-code'] = {
    summary = 'Take a registration back, so that its code is free again',
    run = from('corrections', 'release'),
    complete = entity_names,
  },
  ['rename-registration'] = {
    summary = 'Give a registered entity another name; its code stays',
    run = from('corrections', 'rename'),
    complete = entity_names,
  },
  domains = {
    summary = 'Look up a domain, subdomain or entity, and go there',
    run = from('domains'),
    complete = domain_names,
  },
  patterns = { summary = 'Look up an action pattern, or one of the pattern library', run = catalog('patterns') },
  services = { summary = 'Look up a service, and go there', run = catalog('services') },
  catalog = { summary = 'Look something up in any catalog of the server', run = from('catalogs', 'any') },
  differences = {
    summary = 'List what differs between PostgreSQL and the YAML in the quickfix list',
    run = from('differences'),
  },
  resolve = {
    summary = 'Resolve the difference at the cursor in favour of one side',
    run = from('differences', 'resolve'),
    complete = function(arguments)
      return #arguments == 0 and { 'postgresql', 'yaml' } or {}
    end,
  },
  ['keep-all'] = {
    summary = 'Resolve everything that differs, or a group of it, in favour of one side',
    run = from('differences', 'keep_all'),
    complete = function(arguments)
      return #arguments == 0 and { 'postgresql', 'yaml' } or {}
    end,
  },
  diff = {
    summary = 'Show the registry YAML beside what PostgreSQL holds, in diff mode',
    run = from('diff'),
  },
  consistency = {
    summary = 'Compare PostgreSQL with the YAML now, and say whether they agree',
    run = from('differences', 'consistency'),
  },
  ['register-domain'] = { summary = 'Add a domain to the registry', run = from('register', 'domain') },
  ['register-subdomain'] = {
    summary = 'Add a subdomain to a domain',
    run = from('register', 'subdomain'),
    complete = domain_names,
  },
  status = { summary = 'Say which registry answers, and why', run = from('status') },
  refresh = { summary = 'Read the registry again', run = from('status', 'refresh') },
  history = {
    summary = "Show what was done to the buffer's entity, to another one or a code, or to the whole registry",
    run = from('history'),
  },
  report = { summary = "Show how the registry's queries fared", run = from('report') },
  answer = {
    summary = 'Answer what the server has asked',
    run = function()
      require('specql.prompts').answer()
    end,
    alone = true,
  },
  messages = { summary = 'Show the messages of the server', run = from('logs', 'messages'), alone = true },
  log = { summary = "Open Neovim's log of language servers", run = from('logs', 'log'), alone = true },
  restart = {
    summary = 'Restart the server',
    run = function()
      require('specql.server').restart()
    end,
    alone = true,
  },
}

--- The names of the subcommands, in order.
---@return string[]
function M.names()
  return vim.fn.sort(vim.tbl_keys(M.subcommands))
end

--- The server and folder that a command is about; the user is asked where there are several.
---@return specql.Target
local function target_of_buffer()
  local async, client = require('specql.async'), require('specql.client')
  local bufnr = vim.api.nvim_get_current_buf()
  local target = client.target(bufnr)
  if target then
    return target
  end
  local all = client.all(bufnr)
  if #all == 0 then
    local command = require('specql.server').command()
    local missing = command and vim.fn.executable(command[1]) == 0
    async.stop(
      missing and require('specql.server').missing(command[1])
        or 'No SpecQL server runs: open an entity file or the registry first. :checkhealth specql says more.'
    )
  end
  return async.select(all, 'Registry of which folder?', function(item)
    return vim.fn.fnamemodify(vim.uri_to_fname(item.folder), ':~')
  end, 'specql_folder')
end

--- Runs `:Specql …`; without a subcommand the user chooses one.
---@param command vim.api.keyset.create_user_command.command_args
function M.run(command)
  local async = require('specql.async')
  async.run(function()
    local arguments = command.fargs
    local name = table.remove(arguments, 1)
      or async.select(M.names(), 'SpecQL', function(item)
        return ('%s: %s'):format(item, M.subcommands[item].summary)
      end, 'specql_command')
    local subcommand = M.subcommands[name]
    if not subcommand then
      async.stop(('There is no :Specql %s; there are %s.'):format(name, table.concat(M.names(), ', ')))
    end
    if subcommand.alone then
      subcommand.run(arguments)
    else
      local lines = command.range > 0 and { command.line1, command.line2 } or nil
      subcommand.run(arguments, target_of_buffer(), lines)
    end
  end)
end

--- What may stand at the cursor of the command line.
---@param lead string the argument up to the cursor
---@param line string
---@param position integer
---@return string[]
function M.complete(lead, line, position)
  local before = line:sub(1, position - #lead):gsub('^.*Specql!?%s+', '', 1)
  local arguments = vim.split(before, '%s+', { trimempty = true })
  local name = table.remove(arguments, 1)
  local subcommand = name and M.subcommands[name]
  local candidates = M.names()
  if name then
    local complete = subcommand and subcommand.complete
    candidates = complete and complete(arguments, vim.api.nvim_get_current_buf(), lead) or {}
  end
  return vim.tbl_filter(function(candidate)
    return vim.startswith(candidate:lower(), lead:lower())
  end, candidates)
end

return M
