--- Which server and folder a command is about, and asking it.
local M = {}

---@class specql.Target
---@field client vim.lsp.Client
---@field folder? string the URI of the workspace folder
---@field bufnr integer the buffer that was current

--- The workspace folder of a client that holds a path, as a URI; the innermost where they are nested.
---@param client vim.lsp.Client
---@param path string
---@return string?
function M.folder(client, path)
  local found, length
  for _, folder in ipairs(client.workspace_folders or {}) do
    local root = vim.fs.normalize(vim.uri_to_fname(folder.uri))
    if vim.startswith(path, root .. '/') and (not length or #root > length) then
      found, length = folder.uri, #root
    end
  end
  return found
end

--- Every folder that a server of ours is responsible for.
---@param bufnr integer the buffer that is current
---@return specql.Target[]
function M.all(bufnr)
  local all = {}
  for _, client in ipairs(vim.lsp.get_clients({ name = 'specql' })) do
    for _, folder in ipairs(client.workspace_folders or {}) do
      table.insert(all, { client = client, folder = folder.uri, bufnr = bufnr })
    end
  end
  return all
end

--- The server and folder of a buffer, without asking anybody: its own, else the working directory's, else the only one.
---@param bufnr integer 0 for the current one
---@return specql.Target?
function M.target(bufnr)
  bufnr = bufnr == 0 and vim.api.nvim_get_current_buf() or bufnr
  local own = vim.lsp.get_clients({ name = 'specql', bufnr = bufnr })[1]
  local path = vim.fs.normalize(vim.api.nvim_buf_get_name(bufnr))
  if own then
    local first = (own.workspace_folders or {})[1]
    return { client = own, folder = M.folder(own, path) or (first and first.uri), bufnr = bufnr }
  end
  local all = M.all(bufnr)
  local remembered = vim.b[bufnr].specql_folder
  for _, place in ipairs({ path, vim.fs.normalize(vim.fn.getcwd()) .. '/' }) do
    for _, target in ipairs(all) do
      if target.folder == remembered or M.folder(target.client, place) == target.folder then
        return target
      end
    end
  end
  return #all == 1 and all[1] or nil
end

--- Has the server run one of its commands. Must run in a coroutine of `specql.async`.
---
--- A refusal is shown as the sentence that the server gives, and ends the task.
---@param target specql.Target
---@param command string without `specql.`
---@param argument? table
---@return any result
function M.request(target, command, argument)
  local async = require('specql.async')
  local err, result = async.await(function(done)
    local sent = target.client:request('workspace/executeCommand', {
      command = 'specql.' .. command,
      arguments = { vim.tbl_extend('keep', argument or {}, { folder = target.folder }) },
    }, done, target.bufnr)
    if not sent then
      done({ message = 'The SpecQL server has ended. :Specql restart starts it again.' })
    end
  end)
  if err then
    async.stop(err.message)
  end
  return result
end

return M
