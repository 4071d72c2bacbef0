--- What the server tells and asks. A question never stops anybody's typing: it waits for `:Specql answer`.
local M = {}

--- The action that is of no use any more when PostgreSQL answers.
local RETRY = 'Retry now'

local LEVELS = { vim.log.levels.ERROR, vim.log.levels.WARN, vim.log.levels.INFO, vim.log.levels.DEBUG }

---@class specql.Question
---@field client_id integer
---@field message string
---@field actions lsp.MessageActionItem[]
---@field thread thread the server's request, which waits

---@type specql.Question[]
local open = {}

--- `window/showMessage`
---@param params lsp.ShowMessageParams
function M.tell(_, params)
  require('specql.message').show(params.message, LEVELS[params.type] or vim.log.levels.INFO)
  return params
end

--- `window/showMessageRequest`: shows the message and lets the server wait for the answer.
---@param params lsp.ShowMessageRequestParams
---@param context lsp.HandlerContext
function M.ask(_, params, context)
  M.tell(nil, {
    type = params.type,
    message = #(params.actions or {}) == 0 and params.message or ('%s (:Specql answer → %s)'):format(
      params.message,
      vim
        .iter(params.actions)
        :map(function(action)
          return action.title
        end)
        :join(' / ')
    ),
  })
  local thread, is_main = coroutine.running()
  if not thread or is_main or #(params.actions or {}) == 0 then
    return vim.NIL
  end
  table.insert(open, 1, {
    client_id = context.client_id,
    message = params.message,
    actions = params.actions,
    thread = thread,
  })
  return coroutine.yield()
end

--- Gives the server its answer.
---@param question specql.Question
---@param action? lsp.MessageActionItem nil: none of them
local function settle(question, action)
  for index, other in ipairs(open) do
    if other == question then
      table.remove(open, index)
      coroutine.resume(question.thread, action or vim.NIL)
      return
    end
  end
end

--- Lets go of what servers do not wait for any more: they ended, or PostgreSQL is back.
---@param client_id? integer whose PostgreSQL answers
function M.tidy(client_id)
  for _, question in ipairs(vim.list_extend({}, open)) do
    local ended = not vim.lsp.get_client_by_id(question.client_id)
    if ended or (question.client_id == client_id and question.actions[1].title == RETRY) then
      settle(question)
    end
  end
end

--- Lets the user answer. Must run in a task.
function M.answer()
  M.tidy()
  local task = require('specql.task')
  local choices = {}
  for _, question in ipairs(open) do
    for _, action in ipairs(question.actions) do
      table.insert(choices, { question = question, action = action })
    end
    table.insert(choices, { question = question })
  end
  if #choices == 0 then
    task.stop('The SpecQL server has asked nothing.')
  end
  local choice = task.select(choices, 'SpecQL asks', function(item)
    return ('%s: %s'):format(item.action and item.action.title or 'Dismiss', item.question.message)
  end, 'specql_answer')
  settle(choice.question, choice.action)
end

return M
