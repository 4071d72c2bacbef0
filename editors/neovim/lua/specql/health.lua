--- `:checkhealth specql`
local M = {}

local health = vim.health

--- Every setting, with the type of its value.
M.settings = {
  registry = {
    backend = 'string',
    databaseUrl = 'string',
    yamlPath = 'string',
    snapshotPath = 'string',
    refreshSeconds = 'number',
    listen = 'boolean',
    connectTimeoutSeconds = 'number',
    statementTimeoutMs = 'number',
    lockTimeoutMs = 'number',
    slowQueryMs = 'number',
    updateYaml = 'string',
    recordAuthor = 'boolean',
  },
  files = { include = 'table', exclude = 'table' },
  language = { release = 'string' },
  format = { enabled = 'boolean' },
  diagnostics = { enabled = 'boolean', drift = 'boolean', debounceMs = 'number', severity = 'table' },
  inlayHints = { codes = 'boolean', references = 'boolean', columns = 'boolean' },
  codeLens = { codes = 'boolean', references = 'boolean' },
}

--- Runs a program, and gives the first line of what it says, or nil and why not.
---@param command string[]
---@return string?, string?
local function said(command)
  local started, process = pcall(vim.system, command, { text = true })
  if not started then
    return nil, tostring(process)
  end
  local done = process:wait(15000)
  local text = vim.trim(done.stdout ~= '' and done.stdout or done.stderr or '')
  local line = vim.split(text, '\n')[1]
  if done.code ~= 0 then
    return nil, line ~= '' and line or ('it ended with %d'):format(done.code)
  end
  return line
end

local function check_neovim()
  health.start('Neovim')
  local version = tostring(vim.version())
  if vim.fn.has('nvim-0.11') == 1 then
    health.ok('Neovim ' .. version)
  else
    health.error(('Neovim %s is too old for this plugin; it needs 0.11.'):format(version), {
      'Update Neovim, or use the configuration for older ones in README.md.',
    })
  end
end

local function check_python()
  for _, name in ipairs({ 'python3', 'python' }) do
    if vim.fn.executable(name) == 1 then
      local version = said({ name, '--version' })
      local major, minor = (version or ''):match('Python (%d+)%.(%d+)')
      if major and tonumber(major) * 100 + tonumber(minor) >= 311 then
        health.ok(('%s can run the server (%s)'):format(version, vim.fn.exepath(name)))
        return
      end
    end
  end
  health.warn('No Python 3.11 or later is on the PATH, which the server needs to be installed with.')
end

local function check_server()
  health.start('Server')
  if vim.g.specql_enabled == false then
    health.info('vim.g.specql_enabled is false: the plugin starts no server.')
  end
  local config = vim.lsp.config.specql
  if not config then
    health.error("There is no lsp/specql.lua on the 'runtimepath'.")
    return
  end
  local command = config.cmd
  if type(command) ~= 'table' then
    health.info('cmd is a function, so the program is not looked for.')
  elseif vim.fn.executable(command[1]) == 0 then
    health.error(require('specql.server').missing(command[1]))
    check_python()
    return
  else
    health.ok(('%s is %s'):format(command[1], vim.fn.exepath(command[1])))
    local plain = {}
    for _, argument in ipairs(command) do
      if argument == 'serve' then
        break
      end
      table.insert(plain, argument)
    end
    local version, problem = said(vim.list_extend(plain, { '--version' }))
    if version then
      health.ok('Version: ' .. version)
    else
      health.error(('%s does not run: %s'):format(command[1], problem))
      check_python()
    end
  end
end

--- What is wrong with a table of settings.
---@param given any
---@param known table
---@param path string
local function check_table(given, known, path)
  local fine = true
  for key, value in pairs(given) do
    local name = path .. key
    local expected = known[key]
    if expected == nil then
      fine = false
      health.warn(('There is no setting %s.'):format(name), { ':help specql-settings lists them.' })
    elseif type(expected) == 'table' then
      if type(value) ~= 'table' then
        fine = false
        health.warn(('%s must be a table.'):format(name))
      else
        fine = check_table(value, expected, name .. '.') and fine
      end
    elseif type(value) ~= expected then
      fine = false
      health.warn(('%s must be a %s; it is a %s.'):format(name, expected, type(value)))
    elseif key == 'databaseUrl' and value:find('://[^/@]*:[^/@$]+@') then
      fine = false
      health.warn('specql.registry.databaseUrl holds a password.', {
        'Keep it out of the configuration: see :help specql-database.',
      })
    end
  end
  return fine
end

local function check_settings()
  health.start('Settings')
  local settings = vim.tbl_get(vim.lsp.config.specql or {}, 'settings', 'specql') or {}
  if check_table(settings, M.settings, 'specql.') then
    health.ok('The settings of vim.lsp.config have the right names and types.')
  end
  if vim.env.SPECQL_DB_URL then
    health.info('SPECQL_DB_URL is set: the server reads the registry from that database.')
  end
end

--- The other servers for YAML of a buffer.
---@param bufnr integer
---@return string[]
local function other_yaml_servers(bufnr)
  local names = {}
  for _, client in ipairs(vim.lsp.get_clients({ bufnr = bufnr })) do
    if client.name ~= 'specql' and client.name:lower():find('yaml', 1, true) then
      table.insert(names, client.name)
    end
  end
  return names
end

--- Whether Neovim completes in a buffer while one types: |vim.lsp.completion.enable()| with `autotrigger`.
---@param bufnr integer
---@return boolean
local function completes_while_typing(bufnr)
  local found, autocommands = pcall(vim.api.nvim_get_autocmds, {
    group = 'nvim.lsp.completion_' .. bufnr,
    event = 'InsertCharPre',
    buffer = bufnr,
  })
  return found and #autocommands > 0
end

local function check_completion()
  health.start('Completion and help')
  if #vim.fn.getcompletion('specql.txt', 'help') > 0 then
    health.ok('The help of specql is found.')
  else
    health.warn('The help of specql is not found: its file doc/tags is missing.', {
      'Run :helptags with the folder doc of the plugin.',
    })
  end
  for _, client in ipairs(vim.lsp.get_clients({ name = 'specql' })) do
    for bufnr in pairs(client.attached_buffers) do
      local option = vim.api.nvim_get_option_value('completeopt', { buf = bufnr })
      local chosen = option == '' and vim.go.completeopt or option
      if completes_while_typing(bufnr) and not (chosen:find('noselect') or chosen:find('noinsert')) then
        health.warn(
          ("'completeopt' is %s: with autotrigger Neovim writes the first item into the buffer."):format(chosen),
          { 'Add noselect: vim.opt.completeopt:append("noselect"). See :help specql-completion.' }
        )
        return
      end
    end
  end
end

local function check_registries()
  health.start('Registries')
  local clients = vim.lsp.get_clients({ name = 'specql' })
  if #clients == 0 then
    health.info('No server runs: one starts with the first entity file or registry that is opened.')
  end
  for _, client in ipairs(clients) do
    for _, folder in ipairs(client.workspace_folders or {}) do
      local path = vim.fn.fnamemodify(vim.uri_to_fname(folder.uri), ':~')
      local answer = client:request_sync('workspace/executeCommand', {
        command = 'specql.registryStatus',
        arguments = { { folder = folder.uri } },
      }, 5000)
      local status = answer and answer.result
      if not status then
        health.error(('%s: the server did not answer.'):format(path), { ':Specql restart restarts it.' })
      else
        local sentence = ('%s: %s'):format(path, require('specql.status').sentence(status))
        if status.source == 'none' then
          health.error(sentence)
        elseif status.stale or (not status.writable and status.server) then
          health.warn(sentence)
        else
          health.ok(sentence)
        end
      end
    end
    for bufnr in pairs(client.attached_buffers) do
      for _, name in ipairs(other_yaml_servers(bufnr)) do
        health.warn(
          ('%s is attached to %s, too: its findings stand beside those of specql.'):format(
            name,
            vim.fn.fnamemodify(vim.api.nvim_buf_get_name(bufnr), ':~:.')
          ),
          { ':help specql-yaml-servers says how to keep it to other files.' }
        )
      end
    end
  end
end

--- Makes a window current again that shows a buffer, after callbacks may have opened or closed others.
---@param window integer
---@param bufnr integer
local function return_to(window, bufnr)
  if vim.api.nvim_win_is_valid(window) then
    vim.api.nvim_set_current_win(window)
    if vim.api.nvim_get_current_buf() ~= bufnr then
      vim.api.nvim_set_current_buf(bufnr)
    end
  else
    vim.cmd('tab sbuffer ' .. bufnr)
  end
end

function M.check()
  -- The checks wait for programs and servers. Neovim runs callbacks meanwhile, which may open windows, such as the
  -- answer to `:Specql report`; |vim.health| then writes its report into whatever buffer is current.
  local window, bufnr = vim.api.nvim_get_current_win(), vim.api.nvim_get_current_buf()
  check_neovim()
  check_server()
  check_settings()
  check_completion()
  check_registries()
  return_to(window, bufnr)
end

return M
