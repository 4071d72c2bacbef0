--- The server's messages and questions. A question never interrupts typing: it waits for `:Specql answer`.
local M = {}

--- Actions that are of no use any more, by what a registry's status says then.
local OUTDATED = {
  ['Add'] = function(status)
    return status.discrepancies == 0
  end,
  ['Retry now'] = function(status)
    return status.source == 'postgresql' and not status.stale
  end,
  ['Show differences'] = function(status)
    return status.discrepancies == 0
  end,
}

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
function M.show_message(_, params)
  require('specql.notify').show(params.message, LEVELS[params.type] or vim.log.levels.INFO)
  return params
end

--- `window/showMessageRequest`: shows the message and lets the server wait for the answer.
---@param params lsp.ShowMessageRequestParams
---@param context lsp.HandlerContext
function M.show_message_request(_, params, context)
  M.show_message(nil, {
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

--- Lets go of what servers do not wait for any more: they ended, or what they asked about is over.
---@param client_id? integer whose registry has a new status
---@param status? table
function M.tidy(client_id, status)
  for _, question in ipairs(vim.list_extend({}, open)) do
    local outdated = OUTDATED[question.actions[1].title]
    local ended = not vim.lsp.get_client_by_id(question.client_id)
    if ended or (status and question.client_id == client_id and outdated and outdated(status)) then
      settle(question)
    end
  end
end

--- Lets the user answer. Must run in a task.
function M.answer()
  M.tidy()
  local async = require('specql.async')
  if #open == 0 then
    async.stop('The SpecQL server has asked nothing.')
  end
  local question = #open == 1 and open[1]
    or async.select(open, 'Answer which question?', function(item)
      return item.message
    end, 'specql_question')
  local actions = vim.list_extend({}, question.actions)
  table.insert(actions, { title = 'Dismiss' })
  local action = async.select(actions, question.message, function(item)
    return item.title
  end, 'specql_answer')
  settle(question, action ~= actions[#actions] and action or nil)
end

return M
