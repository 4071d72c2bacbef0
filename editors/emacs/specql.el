;;; specql.el --- SpecQL YAML with eglot  -*- lexical-binding: t; -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1") (eglot "1.9"))
;; Keywords: languages, tools
;; SPDX-License-Identifier: MIT

;;; Commentary:

;; `specql-mode' is the major mode of SpecQL's entity files and of its
;; registry of domains.  A file is known by its content or by the
;; registry's name, never by ".yaml" alone, so other YAML keeps its mode.
;; The mode starts the language server specql-lsp with eglot.
;;
;;     (add-to-list 'load-path "…/editors/emacs")
;;     (require 'specql)
;;
;; The commands are `specql-allocate-code', `specql-status',
;; `specql-refresh', `specql-check-consistency', `specql-resolve', `specql-keep-all',
;; `specql-performance-report', `specql-history', `specql-register-domain',
;; `specql-register-subdomain' and `specql-find-entity'.

;;; Code:

(require 'cl-lib)
(require 'project)

(defgroup specql nil
  "SpecQL entity files and their registry of domains."
  :group 'languages
  :prefix "specql-")

(defcustom specql-server-command '("specql-lsp")
  "The language server's program and its arguments.
The URL of a database with a password in it belongs into the
environment variable SPECQL_DB_URL, not in here."
  :type '(repeat string)
  :risky t)

(defcustom specql-database-url nil
  "The database's URL for one workspace, or nil.
A function is called with the root of the workspace whenever its
server starts, and gives the URL, or nil where the workspace has
none of its own.  It goes before the workspace's specql-lsp.toml.
The server gets it in its environment only."
  :type '(choice (const :tag "None" nil) function string)
  :risky t)

(defcustom specql-default-database-url nil
  "The database's URL for workspaces whose specql-lsp.toml names none, or nil.
A function is called with the root of the workspace whenever its
server starts.  The server gets it in its environment only."
  :type '(choice (const :tag "None" nil) function string)
  :risky t)

(defcustom specql-auto-start t
  "Whether opening a SpecQL file starts the language server."
  :type 'boolean)

(defcustom specql-registry-file "registry/domain_registry.yaml"
  "The registry of domains, relative to the root of its workspace.
The server has the same setting as registry.yamlPath."
  :type 'string
  :safe #'stringp)

(defcustom specql-initialization-options nil
  "Settings that the server gets when it starts: a property list or nil.
For example (:registry (:backend \"yaml\")).  Settings that may
change while it runs belong into `eglot-workspace-configuration',
in the section :specql."
  :type 'plist
  :safe #'listp)


;;; Which files are SpecQL's, and where their workspace begins.

(defconst specql--entity-key "^[\"']?entity[\"']?[ \t]*:\\(?:[ \t]\\|$\\)"
  "A top-level key `entity'.")

(defconst specql--domains-key "^[\"']?domains[\"']?[ \t]*:\\(?:[ \t]\\|$\\)"
  "A top-level key `domains'.")

(defconst specql--registry-key
  "^[\"']?\\(?:schema_layers\\|reserved_codes\\|subdomain_inference\\)[\"']?[ \t]*:\\(?:[ \t]\\|$\\)"
  "What a registry has at its top level beside `domains'.")

(defun specql--has (regexp)
  "Whether REGEXP, which begins a line, is found in the buffer."
  (save-excursion
    (save-restriction
      (widen)
      (goto-char (point-min))
      (let ((case-fold-search nil))
        (re-search-forward regexp nil t)))))

(defun specql-entity-buffer-p ()
  "Whether the current buffer's text is a SpecQL entity file."
  (and (specql--has specql--entity-key) t))

(defconst specql--pattern-key
  "^[\"']?\\(?:pattern\\|parameters\\|template\\)[\"']?[ \t]*:\\(?:[ \t]\\|$\\)"
  "What an action pattern has at its top level.")

(defun specql-library-buffer-p ()
  "Whether the current buffer is an action pattern or the service registry.
The place of the file says so; an empty file there becomes one."
  (let ((file (and buffer-file-name (expand-file-name buffer-file-name))))
    (and file
         (or (string-suffix-p "/registry/service_registry.yaml" file)
             (and (string-search "/stdlib/actions/" file)
                  (or (zerop (buffer-size)) (specql--has specql--pattern-key))))
         t)))

(defun specql-registry-buffer-p ()
  "Whether the current buffer is a registry of domains, by name or by text."
  (and (or (and buffer-file-name
                (string-suffix-p (concat "/" specql-registry-file)
                                 (expand-file-name buffer-file-name)))
           (and (specql--has specql--domains-key)
                (specql--has specql--registry-key)))
       t))

;;;###autoload
(defun specql-buffer-p ()
  "Whether the current buffer visits a YAML file of SpecQL's."
  (and buffer-file-name
       (let ((case-fold-search t))
         (string-match-p "\\.ya?ml\\'" buffer-file-name))
       (or (specql-entity-buffer-p) (specql-registry-buffer-p)
           (specql-library-buffer-p))))

(defun specql-root (directory)
  "The root of DIRECTORY's workspace; nil where there is no sign of one.
It is the nearest folder with specql-lsp.toml, else the nearest
with the registry of domains."
  (or (locate-dominating-file directory "specql-lsp.toml")
      (locate-dominating-file directory specql-registry-file)))

(defun specql-project (directory)
  "The project of DIRECTORY, for `project-find-functions'.
It is nil without a sign of a workspace, and the version control's
project where that has the same root."
  (let ((root (specql-root directory)))
    (when root
      (let ((versioned (ignore-errors (project-try-vc directory))))
        (if (and versioned (file-equal-p (project-root versioned) root))
            versioned
          (cons 'specql (file-name-as-directory (expand-file-name root))))))))

(cl-defmethod project-root ((project (head specql)))
  "The root folder of PROJECT."
  (cdr project))


;;; The mode.

(defvar specql-plain-mode-font-lock-keywords
  '(("^[ \t-]*\\([A-Za-z_][A-Za-z0-9_]*\\|\"[^\"\n]*\"\\|'[^'\n]*'\\)[ \t]*:\\(?:[ \t]\\|$\\)"
     (1 font-lock-variable-name-face t))
    ("[ \t]\\([&*][^ \t\n]+\\)" (1 font-lock-constant-face))
    ("^---\\|^\\.\\.\\." . font-lock-preprocessor-face)
    ("\\_<\\(?:true\\|false\\|null\\|ref\\|enum\\|list\\)\\_>" . font-lock-keyword-face))
  "What `specql-plain-mode' colours beside comments and strings.")

(defvar specql-plain-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?# "<" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?_ "_" table)
    (modify-syntax-entry ?\" "." table)
    (modify-syntax-entry ?' "." table)
    table)
  "The syntax of `specql-plain-mode'.")

(defun specql-plain--syntax-propertize (start end)
  "Mark between START and END what is a string, and which `#' is no comment.
A quote opens a string where a value may begin, and on one line;
an apostrophe within a word does not."
  (goto-char start)
  (funcall
   (syntax-propertize-rules
    ("\\(?:^\\|[][ \t{},:(-]\\)\\(\"\\)\\(?:[^\"\\\n]\\|\\\\.\\)*\\(\"\\)" (1 "|") (2 "|"))
    ("\\(?:^\\|[][ \t{},:(-]\\)\\('\\)\\(?:[^'\n]\\|''\\)*\\('\\)" (1 "|") (2 "|"))
    ("[^ \t\n]\\(#\\)" (1 ".")))
   (point) end))

(defun specql-plain-indent-line ()
  "Indent the line: one step in below a key that ends in a colon, else as above.
Called again, it takes one step less each time, as Python's mode does."
  (interactive)
  (let* ((above (save-excursion
                  (beginning-of-line)
                  (if (re-search-backward "^[ \t]*[^# \t\n]" nil t)
                      (+ (current-indentation)
                         (if (looking-at ".*:[ \t]*\\(?:#.*\\)?$") 2 0))
                    0)))
         (target (if (and (eq this-command last-command)
                          (> (current-indentation) 0))
                     (* 2 (/ (1- (current-indentation)) 2))
                   above)))
    (if (<= (current-column) (current-indentation))
        (indent-line-to target)
      (save-excursion (indent-line-to target)))))

(define-derived-mode specql-plain-mode text-mode "YAML"
  "A small mode for YAML, for an Emacs that has no other."
  (setq-local comment-start "# "
              comment-start-skip "#+[ \t]*"
              indent-tabs-mode nil
              tab-width 2
              indent-line-function #'specql-plain-indent-line
              electric-indent-inhibit t
              syntax-propertize-function #'specql-plain--syntax-propertize
              font-lock-defaults '(specql-plain-mode-font-lock-keywords)))

(defalias 'specql-base-mode
  (cond ((or (fboundp 'yaml-mode) (require 'yaml-mode nil t)) 'yaml-mode)
        ((and (fboundp 'yaml-ts-mode)
              (fboundp 'treesit-ready-p)
              (funcall 'treesit-ready-p 'yaml t))
         'yaml-ts-mode)
        (t 'specql-plain-mode))
  "The mode for YAML that `specql-mode' builds on.")

(defvar specql-mode-map
  (let ((map (make-sparse-keymap)))
    ;; `text-mode', below the modes for YAML, has the spelling's there.
    (define-key map (kbd "C-M-i") #'completion-at-point)
    map)
  "The keys of `specql-mode'.")

(declare-function specql-mode-line "specql-server")
(autoload 'eglot-ensure "eglot" nil t)

;;;###autoload
(define-derived-mode specql-mode specql-base-mode "SpecQL"
  "The major mode of SpecQL's entity files and registry of domains.
It builds on `yaml-mode' or `yaml-ts-mode' where there is one."
  (setq-local mode-line-process
              '(:eval (if (fboundp 'specql-mode-line) (specql-mode-line) "")))
  (add-hook 'project-find-functions #'specql-project nil t)
  (add-hook 'eglot-managed-mode-hook #'specql--show-all-documentation nil t)
  (when (and specql-auto-start buffer-file-name)
    (specql--start)))

(defun specql--show-all-documentation ()
  "Have eldoc show the hover beside the signature, as inside `ref(...)'.
eglot shows the signature alone."
  (setq-local eldoc-documentation-strategy #'eldoc-documentation-compose))

(defun specql--start ()
  "Have eglot start the server, or say how to get it."
  (if (executable-find (car specql-server-command))
      (eglot-ensure)
    (message "%s" (specql-missing-server))))

(defun specql-missing-server ()
  "What to do when the server's program is not found, in words."
  (format "The SpecQL language server `%s' is not found in `exec-path'; install it with \
\"pip install specql-lsp\", or set `specql-server-command'"
          (car specql-server-command)))

;;;###autoload
(add-to-list 'magic-mode-alist '(specql-buffer-p . specql-mode))

(autoload 'specql-server-contact "specql-server")

(with-eval-after-load 'eglot
  (defvar eglot-server-programs)
  (add-to-list 'eglot-server-programs
               '(((specql-mode :language-id "specql")) . specql-server-contact)))

(dolist (command '(specql-allocate-code specql-refresh specql-status
                   specql-check-consistency specql-resolve specql-keep-all
                   specql-performance-report specql-history
                   specql-register-domain
                   specql-register-subdomain specql-find-entity
                   specql-allocate-missing specql-move-registration
                   specql-release-code specql-rename-registration
                   specql-find-pattern specql-find-service
                   specql-find-in-catalog))
  (autoload command "specql-commands" nil t))

(provide 'specql)

;;; specql.el ends here
