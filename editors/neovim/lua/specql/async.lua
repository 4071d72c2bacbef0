--- Runs a function as a coroutine that awaits the server and the user.
local M = {}

--- What ends a task early, on purpose.
local STOP = {}

---@param thread thread
local function resume(thread, ...)
  local fine, problem = coroutine.resume(thread, ...)
  if fine then
    return
  elseif type(problem) == 'table' and problem[1] == STOP then
    if problem.message then
      require('specql.notify').show(problem.message, vim.log.levels.WARN)
    end
  else
    vim.notify('specql: ' .. debug.traceback(thread, tostring(problem)), vim.log.levels.ERROR)
  end
end

--- Runs a function that may await.
---@param body fun()
function M.run(body)
  resume(coroutine.create(body))
end

--- Ends the running task.
---@param message? string a sentence to show
function M.stop(message)
  error({ STOP, message = message }, 0)
end

--- Starts something that calls back, and gives what it calls back with.
---@param start fun(done: fun(...))
---@return ...
function M.await(start)
  local thread = coroutine.running()
  local early, waiting
  start(function(...)
    if waiting then
      resume(thread, ...)
    else
      early = vim.F.pack_len(...)
    end
  end)
  if early then
    return vim.F.unpack_len(early)
  end
  waiting = true
  return coroutine.yield()
end

--- Lets the user choose, in whatever `vim.ui.select` is. Choosing nothing ends the task.
---@generic T
---@param items T[]
---@param prompt string
---@param format fun(item: T): string
---@param kind? string
---@return T
function M.select(items, prompt, format, kind)
  local choice = M.await(function(done)
    vim.ui.select(items, { prompt = prompt, format_item = format, kind = kind or 'specql' }, done)
  end)
  if choice == nil then
    M.stop()
  end
  return choice
end

--- Lets the user type, in whatever `vim.ui.input` is. Leaving it ends the task.
---@param prompt string
---@param default? string
---@return string
function M.input(prompt, default)
  local text = M.await(function(done)
    vim.ui.input({ prompt = prompt, default = default }, done)
  end)
  if text == nil then
    M.stop()
  end
  return vim.trim(text)
end

return M
