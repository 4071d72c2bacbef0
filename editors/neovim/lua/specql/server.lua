--- The server's program, and its environment.
local M = {}

--- The command as it is configured; nil where it is a function.
---@return string[]?
function M.command()
  local config = vim.lsp.config.specql
  local command = config and config.cmd
  return type(command) == 'table' and command or nil
end

--- Says once that the program is not there, instead of doing nothing without a word.
function M.warn_when_missing()
  local command = M.command()
  if vim.lsp.is_enabled('specql') and command and vim.fn.executable(command[1]) == 0 and not vim.g.specql_missing then
    vim.g.specql_missing = true
    require('specql.notify').show(M.missing(command[1]), vim.log.levels.WARN)
  end
end

--- What to do where the program is not there.
---@param program string
---@return string
function M.missing(program)
  return ('There is no program %s. Install it (pip install specql-lsp, or from a checkout: pipx install .), '):format(
    program
  ) .. 'or name another one: see :help specql-server.'
end

--- The variables of the server's environment that hold a database's URL: of the folder, and below its specql-lsp.toml.
local VARIABLES = { folder = 'SPECQL_DB_URL', default = 'SPECQL_DB_URL_DEFAULT' }

--- Starts a server whose environment has the URLs of the database.
---@param command string[]
---@param urls specql.Urls
---@param dispatchers vim.lsp.rpc.Dispatchers
---@param root? string
---@return vim.lsp.rpc.PublicClient
function M.start(command, urls, dispatchers, root)
  if vim.fn.executable(command[1]) == 0 then
    error(M.missing(command[1]), 0)
  end
  local given, before = {}, {}
  for which, variable in pairs(VARIABLES) do
    local text = vim.trim(urls[which] and urls[which](root) or '')
    given[variable] = text ~= '' and text or nil
  end
  for variable, text in pairs(given) do
    before[variable] = vim.env[variable] or false
    vim.env[variable] = text
  end
  local started, result = pcall(vim.lsp.rpc.start, command, dispatchers)
  for variable, text in pairs(before) do
    vim.env[variable] = text or nil
  end
  if not started then
    error(result, 0)
  end
  return result
end

--- Tells the servers of a buffer's folder that its file was written. Neovim watches files only on macOS and Windows;
--- elsewhere a saved registry would be seen only when it is read again anyway.
---@param bufnr integer
function M.written(bufnr)
  local path = vim.fs.normalize(vim.api.nvim_buf_get_name(bufnr))
  for _, client in ipairs(vim.lsp.get_clients({ name = 'specql' })) do
    local watches = vim.tbl_get(client.capabilities, 'workspace', 'didChangeWatchedFiles', 'dynamicRegistration')
    if not watches and require('specql.client').folder(client, path) then
      client:notify('workspace/didChangeWatchedFiles', {
        changes = { { uri = vim.uri_from_fname(path), type = vim.lsp.protocol.FileChangeType.Changed } },
      })
    end
  end
end

--- Stops every server of ours and starts it again for the open buffers.
function M.restart()
  local clients = vim.lsp.get_clients({ name = 'specql' })
  vim.lsp.enable('specql', false)
  vim.wait(5000, function()
    return vim.iter(clients):all(function(client)
      return client:is_stopped()
    end)
  end, 20)
  vim.lsp.enable('specql')
end

return M
