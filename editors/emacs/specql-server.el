;;; specql-server.el --- The SpecQL language server in eglot  -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: MIT

;;; Commentary:

;; What eglot has to know about specql-lsp: how it is started, its own
;; notification of the registry's status, and how its commands are run.

;;; Code:

(require 'cl-lib)
(require 'eglot)
(require 'subr-x)
(require 'specql)

(defvar eglot-confirm-server-edits)
(defvar eglot-confirm-server-initiated-edits)

(defclass specql-server (eglot-lsp-server)
  ((status :initform nil :accessor specql-server-status
           :documentation "The registry's status as the server last sent it, or nil."))
  :documentation "A running specql-lsp.")

(defun specql-server-contact (&optional _interactive)
  "How eglot is to run the server: an entry's value in `eglot-server-programs'."
  (unless (executable-find (car specql-server-command))
    (user-error "%s" (specql-missing-server)))
  `(specql-server ,@specql-server-command
                  :initializationOptions ,#'specql--initialization-options))

;; The class's own instances are made in the root of their workspace.
(cl-defmethod initialize-instance :around ((_server specql-server) &optional _slots)
  "Start the server's process with the URLs of the database in its environment."
  (let ((process-environment (specql--environment default-directory)))
    (cl-call-next-method)))

(defun specql--environment (root)
  "The environment of the server of ROOT."
  (let ((environment process-environment))
    (dolist (each `(("SPECQL_DB_URL" . ,specql-database-url)
                    ("SPECQL_DB_URL_DEFAULT" . ,specql-default-database-url)))
      (let ((url (if (functionp (cdr each)) (funcall (cdr each) root) (cdr each))))
        (when (and (stringp url) (not (string-empty-p (string-trim url))))
          (push (concat (car each) "=" (string-trim url)) environment))))
    environment))

(defun specql--initialization-options (_server)
  "The value of `specql-initialization-options' as a JSON object."
  (or specql-initialization-options (make-hash-table)))


;;; What the server tells.

(cl-defmethod eglot-handle-notification
  ((server specql-server) (_method (eql 'specql/registryStatus)) &rest status)
  "Keep the STATUS of SERVER's registry, for the mode line and the commands."
  (setf (specql-server-status server) status)
  (force-mode-line-update t))

(cl-defmethod eglot-handle-notification :around
  ((_server specql-server) (_method (eql 'window/showMessage))
   &key message &allow-other-keys)
  "Show MESSAGE as it is: it is a sentence."
  (message "%s" message))


;;; Its commands.

(defmacro specql--without-asking (&rest body)
  "Do BODY, in which the server's edits need no confirmation."
  (declare (indent 0) (debug t))
  `(let ((eglot-confirm-server-edits nil)
         (eglot-confirm-server-initiated-edits nil))
     ,@body))

;; A user has asked for every edit that the server makes, by a command or by
;; `registry.updateYaml'.  Of files that no buffer visits eglot would ask again.
(cl-defmethod eglot-handle-request :around
  ((_server specql-server) (_method (eql 'workspace/applyEdit))
   &key edit &allow-other-keys)
  "Make the EDIT without asking; save the files that no buffer visited."
  (let* ((files (mapcar (lambda (change)
                          (let ((document (plist-get change :textDocument)))
                            (and document (specql--path (plist-get document :uri)))))
                        (plist-get edit :documentChanges)))
         (hidden (cl-remove-if (lambda (file) (or (null file) (find-buffer-visiting file)))
                               files))
         (buffers (mapcar #'find-file-noselect hidden)))
    (prog1 (specql--without-asking (cl-call-next-method))
      (dolist (buffer buffers)
        (with-current-buffer buffer
          (when (buffer-modified-p)
            (save-buffer)))))))

(defmacro specql--refused-in-words (&rest body)
  "Do BODY without asking; what the server refuses is an error in its words."
  (declare (indent 0) (debug t))
  `(let* ((refusal nil)
          (result (specql--without-asking
                    (condition-case failure
                        (progn ,@body)
                      (jsonrpc-error
                       (setq refusal (specql--sentence failure)))))))
     (if refusal
         (user-error "%s" refusal)
       result)))

;; Commands that code actions may have and that Emacs runs itself: what has to
;; be asked.  The server offers an action with such a command to a client that
;; declares it.

(autoload 'specql--allocate-in-chosen-subdomain "specql-commands")

(defconst specql--client-commands
  '(("specql.chooseSubdomain" . specql--allocate-in-chosen-subdomain))
  "These commands by their names, each with its function of server and argument.")

(cl-defmethod eglot-client-capabilities :around ((_server specql-server))
  "Declare the commands of Emacs in addition to what eglot declares."
  (plist-put (cl-call-next-method) :experimental
             (list :commands
                   (list :commands (vconcat (mapcar #'car specql--client-commands))))))

(defun specql--run-client-command (server command arguments)
  "Run COMMAND, a name, with ARGUMENTS for SERVER if it is a command of Emacs.
Return whether it is one."
  (let ((function (cdr (assoc command specql--client-commands))))
    (when function
      (funcall function server (elt arguments 0))
      t)))

;; A code action that runs a command; newer versions of eglot have `eglot-execute'.
(if (fboundp 'eglot-execute)
    (cl-defmethod eglot-execute :around ((server specql-server) action)
      "Run the chosen action without asking again; a refusal is a sentence."
      ;; An action has its command, a property list; a command its name.
      (let ((command (if (stringp (plist-get action :command))
                         action
                       (plist-get action :command))))
        (or (specql--run-client-command server (plist-get command :command)
                                        (plist-get command :arguments))
            (specql--refused-in-words (cl-call-next-method)))))
  (cl-defmethod eglot-execute-command :around ((server specql-server) command arguments)
    "Run the chosen command without asking again; a refusal is a sentence."
    (or (specql--run-client-command server (format "%s" command) arguments)
        (specql--refused-in-words (cl-call-next-method)))))

(defvar-local specql--server nil
  "The server that a buffer of the commands' own shows something of.")

(defun specql--server-of-folder ()
  "A server of the project that the current buffer's folder is in, or nil.
A buffer that no server manages, such as one of Dired, has none of its own."
  (let (found)
    (maphash (lambda (project servers)
               (when (file-in-directory-p default-directory (project-root project))
                 (setq found (or found
                                 (cl-find-if (lambda (server) (cl-typep server 'specql-server))
                                             servers)))))
             eglot--servers-by-project)
    found))

(defun specql-current-server ()
  "The server of the current buffer; without one it is an error."
  (let ((server (or specql--server (eglot-current-server) (specql--server-of-folder))))
    (unless (and (cl-typep server 'specql-server) (jsonrpc-running-p server))
      (user-error "No SpecQL server runs for this buffer; open a SpecQL file, or start it with M-x eglot"))
    server))

(defun specql-request (command &optional argument server)
  "The result of the server's COMMAND with ARGUMENT, a property list.
SERVER is the current buffer's where it is not given.  A refusal
is signalled as an error whose message is the server's sentence."
  (let ((server (or server (specql-current-server))))
    ;; Eglot tells of edits when one pauses; a command may be quicker.
    (when (eglot-managed-p)
      (eglot--signal-textDocument/didChange))
    (specql--refused-in-words
      (jsonrpc-request
       server :workspace/executeCommand
       (list :command command
             :arguments (vector (or argument (make-hash-table))))
       :timeout 60))))

(defun specql--sentence (failure)
  "The sentence for a user in FAILURE, a `jsonrpc-error'."
  (or (cdr (assq 'jsonrpc-error-message (cdr failure)))
      (cl-find-if #'stringp (cdr failure))
      (error-message-string failure)))


;;; Places.

(defun specql--uri (file)
  "The URI of FILE."
  (funcall (if (fboundp 'eglot-path-to-uri) 'eglot-path-to-uri 'eglot--path-to-uri)
           file))

(defun specql--path (uri)
  "The file of URI."
  (funcall (if (fboundp 'eglot-uri-to-path) 'eglot-uri-to-path 'eglot--uri-to-path)
           uri))

(defun specql-visit (location)
  "Visit LOCATION, a URI with a range, in another window."
  (let* ((start (plist-get (plist-get location :range) :start))
         (column (plist-get start :character))
         (move (cond ((boundp 'eglot-move-to-linepos-function)
                      (symbol-value 'eglot-move-to-linepos-function))
                     ((boundp 'eglot-move-to-column-function)
                      (symbol-value 'eglot-move-to-column-function))
                     (t #'move-to-column))))
    (find-file-other-window (specql--path (plist-get location :uri)))
    (push-mark nil t)
    (widen)
    (goto-char (point-min))
    (forward-line (plist-get start :line))
    (funcall move column)))


;;; The mode line.

(defun specql-status-words (status)
  "STATUS of a registry in a few words."
  (let ((source (plist-get status :source))
        (leased (plist-get status :leased))
        (differences (plist-get status :discrepancies)))
    (concat
     (pcase source
       ("postgresql" "PostgreSQL")
       ("yaml" "YAML")
       ("snapshot" "snapshot")
       ("in_memory" "in memory")
       (_ "no registry"))
     (cond ((eq (plist-get status :stale) t) ", stale")
           ((or (equal source "none") (eq (plist-get status :writable) t)) "")
           (t ", read-only"))
     (if (and leased (> leased 0))
         (format ", %d leased code%s" leased (if (= leased 1) "" "s"))
       "")
     (if (and (integerp differences) (> differences 0))
         (format ", %d difference%s" differences (if (= differences 1) "" "s"))
       ""))))

(defun specql-mode-line ()
  "The mode line's words on the buffer's registry; empty before it is known."
  (let* ((server (eglot-current-server))
         (status (and (cl-typep server 'specql-server)
                      (specql-server-status server))))
    (if (null status)
        ""
      (concat "["
              (propertize (specql-status-words status)
                          'help-echo (plist-get status :reason))
              "]"))))

(provide 'specql-server)

;;; specql-server.el ends here
