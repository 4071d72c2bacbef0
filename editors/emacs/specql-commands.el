;;; specql-commands.el --- Commands on the registry of domains  -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: MIT

;;; Commentary:

;; What a user may ask of the registry: its status, a code, a new domain,
;; what differs between PostgreSQL and the YAML, how fast it answers.

;;; Code:

(require 'cl-lib)
(require 'tabulated-list)
(require 'specql-server)

;;; Choosing.

(defun specql--choose (prompt choices &optional default)
  "The value that the user chooses of CHOICES after PROMPT.
CHOICES are lists (NAME VALUE WORDS): WORDS stand behind NAME.
DEFAULT is the name that Return alone chooses."
  (let* ((completion-extra-properties
          (list :annotation-function
                (lambda (name) (concat "  " (nth 2 (assoc name choices))))))
         (name (completing-read (format-prompt prompt default)
                                choices nil t nil nil default)))
    (or (nth 1 (assoc name choices))
        (user-error "Nothing was chosen"))))

(defun specql--named (node)
  "The number and the name of NODE, a domain or subdomain."
  (format "%s %s" (plist-get node :number) (plist-get node :name)))

(defun specql--domains ()
  "The registry's domains, as a list."
  (or (append (specql-request "specql.listDomains") nil)
      (user-error "The registry has no domain; register one with M-x specql-register-domain")))

(defun specql--choose-domain (domains &optional schema)
  "The one of DOMAINS that the user chooses.
Return alone chooses the one that has SCHEMA as its name or alias."
  (specql--choose
   "Domain"
   (mapcar (lambda (domain)
             (let ((subdomains (plist-get domain :subdomains)))
               (list (specql--named domain) domain
                     (format "%s  %s" (specql--codes-left subdomains)
                             (or (plist-get domain :description) "")))))
           domains)
   (let ((named (cl-find-if
                 (lambda (domain)
                   (or (equal (plist-get domain :name) schema)
                       (cl-find schema (plist-get domain :aliases) :test #'equal)))
                 domains)))
     (and schema named (specql--named named)))))

(defun specql--leased (subdomain)
  "How many leased codes SUBDOMAIN has while PostgreSQL is away."
  (length (plist-get subdomain :availableLeases)))

(defun specql--codes-left (subdomains)
  "How many codes SUBDOMAINS have, in words.
It counts leased codes while only those can be allocated."
  (let ((leased (cl-reduce #'+ subdomains :key #'specql--leased)))
    (if (> leased 0)
        (format "%d leased" leased)
      (format "%d free" (cl-reduce #'+ subdomains
                                   :key (lambda (each) (plist-get each :free)))))))

(defun specql--with-leases (domains)
  "Those of DOMAINS that have leased codes; all of them where none has one."
  (or (cl-remove-if-not
       (lambda (domain) (cl-some (lambda (each) (> (specql--leased each) 0))
                                 (plist-get domain :subdomains)))
       domains)
      domains))

(defun specql--schema ()
  "The schema that the entity of the current buffer names, or nil."
  (save-excursion
    (save-restriction
      (widen)
      (goto-char (point-min))
      (and (re-search-forward
            "^[\"']?schema[\"']?[ \t]*:[ \t]+[\"']?\\([[:alnum:]_]+\\)" nil t)
           (match-string-no-properties 1)))))

(defun specql--choose-subdomain (domain)
  "The subdomain of DOMAIN that the user chooses; a full one is not offered."
  (let* ((all (append (plist-get domain :subdomains) nil))
         (open (or (cl-remove-if-not (lambda (each) (> (specql--leased each) 0)) all)
                   (cl-remove-if-not (lambda (each) (plist-get each :nextTableCode)) all))))
    (unless open
      (user-error "No subdomain of %s has a free code; register one with M-x specql-register-subdomain"
                  (plist-get domain :name)))
    (specql--choose
     "Subdomain"
     (mapcar (lambda (subdomain)
               (list (specql--named subdomain) subdomain
                     (format "next %s, %s  %s"
                             (if (> (specql--leased subdomain) 0)
                                 (aref (plist-get subdomain :availableLeases) 0)
                               (plist-get subdomain :nextTableCode))
                             (specql--codes-left (list subdomain))
                             (or (plist-get subdomain :description) ""))))
             open))))

(defun specql--text (prompt)
  "What the user types after PROMPT; it must not be empty."
  (let ((text (string-trim (read-string prompt))))
    (if (string-empty-p text)
        (user-error "Nothing was typed")
      text)))

(defun specql--optional (key prompt)
  "A property list of KEY and what the user types after PROMPT, if anything."
  (let ((text (string-trim (read-string prompt))))
    (unless (string-empty-p text)
      (list key text))))


;;; Codes and names.

(defun specql--writable-server (what)
  "The current server, whose registry can be written, else an error.
WHAT begins the error's sentence: it says what cannot be done.
Before the first status it is for the server to decide."
  (let* ((server (specql-current-server))
         (status (specql-server-status server)))
    (unless (or (null status) (eq (plist-get status :writable) t))
      (user-error "%s: %s.  %s" what
                  (if (equal (plist-get status :source) "none")
                      "no registry can be read"
                    "the registry is read-only")
                  (or (plist-get status :reason) "")))
    server))

(defun specql--allocating-server ()
  "The current server, which can allocate a new or a leased code, else an error."
  (let* ((server (specql-current-server))
         (leased (plist-get (specql-server-status server) :leased)))
    (if (and leased (> leased 0))
        server
      (specql--writable-server "No code can be allocated"))))

(defun specql-allocate-code ()
  "Give the entity of the current file a table code, and put it into the file.
In a buffer without an entity it asks for a name, and only the
registry gets the code."
  (interactive)
  (let* ((server (specql--allocating-server))
         (in-file (and buffer-file-name (specql-entity-buffer-p)))
         (domain (specql--choose-domain (specql--with-leases (specql--domains))
                                        (and in-file (specql--schema))))
         (subdomain (specql--choose-subdomain domain))
         (whom (if in-file
                   (list :uri (specql--uri buffer-file-name))
                 (list :entity (specql--text "Entity: ")))))
    (specql--allocate
     server
     (append whom (list :domain (plist-get domain :number)
                        :subdomain (plist-get subdomain :number))))))

(defun specql--allocate (server argument)
  "Have SERVER allocate a code with ARGUMENT, and show the code."
  (let ((given (specql-request "specql.allocateEntityCode" argument server)))
    (message (if (eq (plist-get given :created) t)
                 "%s has the code %s%s"
               "%s already had the code %s%s")
             (plist-get given :entity) (plist-get given :tableCode)
             (if (eq (plist-get given :leased) t)
                 ".  It is a leased code, and is registered when PostgreSQL is back"
               ""))))

(defun specql--allocate-in-chosen-subdomain (server argument)
  "Ask for a subdomain, and have SERVER allocate a code in it.
ARGUMENT is that of the allocation, without the subdomain."
  (let* ((number (plist-get argument :domain))
         (domain (or (cl-find number (specql--domains) :test #'equal
                              :key (lambda (each) (plist-get each :number)))
                     (user-error "The registry has no domain %s any more" number)))
         (subdomain (specql--choose-subdomain domain)))
    (specql--allocate
     server
     (append argument (list :subdomain (plist-get subdomain :number))))))

(defun specql-register-domain (number name)
  "Register the domain NUMBER under NAME."
  (interactive
   (progn (specql--writable-server "No domain can be registered")
          (list (specql--text "Number of the domain (one hexadecimal digit): ")
                (specql--text "Name: "))))
  (let* ((more (specql--optional :description "Description (may be empty): "))
         (domain (specql-request "specql.registerDomain"
                                 (append (list :number number :name name) more))))
    (message "Domain %s is registered" (specql--named domain))))

(defun specql-register-subdomain (domain number name)
  "Register the subdomain NUMBER of DOMAIN, a number, under NAME."
  (interactive
   (progn (specql--writable-server "No subdomain can be registered")
          (list (plist-get (specql--choose-domain (specql--domains)) :number)
                (specql--text "Number of the subdomain (two hexadecimal digits): ")
                (specql--text "Name: "))))
  (let* ((more (specql--optional :description "Description (may be empty): "))
         (subdomain (specql-request
                     "specql.registerSubdomain"
                     (append (list :domain domain :number number :name name) more))))
    (message "Subdomain %s is registered" (specql--named subdomain))))

(defun specql--choose-entity (prompt)
  "The registered entity that the user chooses after PROMPT.
A list of the entity, its subdomain and its domain: a part of the
name, of the code or of the domain finds it."
  (let ((choices
         (cl-loop for domain in (specql--domains) nconc
                  (cl-loop for subdomain across (plist-get domain :subdomains) nconc
                           (cl-loop for entity across (plist-get subdomain :entities)
                                    collect
                                    (list (format "%s %s %s / %s"
                                                  (plist-get entity :name)
                                                  (plist-get entity :tableCode)
                                                  (plist-get domain :name)
                                                  (plist-get subdomain :name))
                                          (list entity subdomain domain)
                                          "")))))
        (completion-styles (append completion-styles '(substring))))
    (unless choices
      (user-error "No entity is registered yet"))
    (specql--choose prompt choices)))

(defun specql-find-entity ()
  "Visit an entity of the registry: its file, else its line in the registry."
  (interactive)
  (let ((entity (car (specql--choose-entity "Entity"))))
    (specql-visit (or (plist-get entity :fileLocation)
                      (plist-get entity :registryLocation)
                      (user-error "%s is in no file of this workspace"
                                  (plist-get entity :name))))))


;;; Many codes, and corrections.

(defun specql--missing-line (given)
  "A line about GIVEN, a file that gets a code, or none."
  (let ((file (abbreviate-file-name (specql--path (plist-get given :uri))))
        (code (plist-get given :tableCode)))
    (if code
        (format "%s%s  %s  %s / %s  %s" code
                (if (eq (plist-get given :leased) t) " (leased)" "")
                (plist-get given :entity)
                (plist-get (plist-get given :domain) :name)
                (plist-get (plist-get given :subdomain) :name)
                file)
      (format "no code  %s  %s  %s" (plist-get given :entity) file
              (plist-get given :message)))))

(defun specql--show-missing (answer)
  "Show the files without a code in ANSWER: what each gets, or why it gets none."
  (specql--show-lines "*SpecQL missing codes*"
                      (mapcar #'specql--missing-line
                              (append (plist-get answer :allocated)
                                      (plist-get answer :refused) nil))))

(defun specql--show-lines (name lines)
  "Show LINES in the buffer NAME, in another window."
  (with-current-buffer (get-buffer-create name)
    (let ((inhibit-read-only t))
      (erase-buffer)
      (dolist (line lines)
        (insert line "\n"))
      (goto-char (point-min)))
    (special-mode)
    (display-buffer (current-buffer))))

(declare-function dired-get-marked-files "dired")

(defun specql--marked-files ()
  "The files that are marked in the current buffer of Dired."
  ;; A list with t: only one file is marked.  Without marks it would be the file at point.
  (let ((marked (dired-get-marked-files nil nil nil t)))
    (cond ((eq (car marked) t) (cdr marked))
          ((cdr marked) marked))))

(defun specql-allocate-missing (&optional paths)
  "Allocate codes for every entity file that has none.
In Dired these are the marked files and folders PATHS, if any are
marked.  With a prefix argument a folder is asked for; else it is
the whole workspace.  What each file would get is shown before
anything is done."
  (interactive
   (list (cond (current-prefix-arg
                (list (read-directory-name "Folder: " nil nil t)))
               ((derived-mode-p 'dired-mode)
                (specql--marked-files)))))
  (let* ((server (specql--allocating-server))
         (uris (mapcar (lambda (path)
                         (specql--uri (directory-file-name (expand-file-name path))))
                       paths))
         (argument (and uris (list :uris (vconcat uris))))
         (preview (specql-request "specql.allocateMissingCodes"
                                  (append argument '(:dryRun t)) server))
         (count (length (plist-get preview :allocated))))
    (if (zerop (+ count (length (plist-get preview :refused))))
        (message "Every entity has a code")
      (specql--show-missing preview)
      (when (zerop count)
        (user-error "No file gets a code; the list says why"))
      (when (y-or-n-p (format "Allocate %d code%s? " count (if (= count 1) "" "s")))
        (let ((answer (specql--request-editing
                       (mapcar (lambda (each) (plist-get each :uri))
                               (plist-get preview :allocated))
                       "specql.allocateMissingCodes" argument server)))
          (specql--show-missing answer)
          (message "%d allocated, %d not%s" (length (plist-get answer :allocated))
                   (length (plist-get answer :refused))
                   (if (cl-some (lambda (each) (eq (plist-get each :leased) t))
                                (plist-get answer :allocated))
                       ".  Leased codes are registered when PostgreSQL is back"
                     "")))))))

(defun specql--request-editing (uris command argument server)
  "The result of COMMAND with ARGUMENT, which edits the files URIS.
SERVER is asked.  A file that had nothing else to save is saved."
  ;; Of a file that no buffer visits eglot would ask once more whether to edit it.
  (let* ((buffers (mapcar (lambda (uri) (find-file-noselect (specql--path uri))) uris))
         (clean (cl-remove-if #'buffer-modified-p buffers))
         (result (specql-request command argument server)))
    (dolist (buffer clean result)
      (when (buffer-modified-p buffer)
        (with-current-buffer buffer
          (save-buffer))))))

(defun specql--correct (command argument question said)
  "Have COMMAND done with ARGUMENT after a preview and a question.
QUESTION makes the question of the preview, SAID the message of the
result."
  (let* ((server (specql-current-server))
         (preview (specql-request command (append argument '(:dryRun t)) server)))
    (when (y-or-n-p (concat (funcall question preview) "? "))
      (message "%s" (funcall said (specql--request-editing
                                   (append (plist-get preview :files) nil)
                                   command argument server))))))

(defun specql--registered (chosen)
  "The argument that names CHOSEN, an entity with its subdomain and domain."
  (list :domain (plist-get (nth 2 chosen) :number)
        :entity (plist-get (car chosen) :name)
        :tableCode (plist-get (car chosen) :tableCode)))

(defun specql-move-registration ()
  "Move a registered entity to another subdomain, where it gets a new code.
The files of the entity get it, too."
  (interactive)
  (specql--writable-server "No entity can be moved")
  (let* ((chosen (specql--choose-entity "Entity"))
         (subdomain (specql--choose-subdomain (nth 2 chosen))))
    (specql--correct
     "specql.moveRegistration"
     (append (specql--registered chosen)
             (list :subdomain (plist-get subdomain :number)))
     (lambda (preview)
       (format "Move %s to %s: %s instead of %s, in %d file%s, too"
               (plist-get preview :entity)
               (plist-get (plist-get preview :subdomain) :name)
               (plist-get preview :tableCode)
               (plist-get preview :previousTableCode)
               (length (plist-get preview :files))
               (if (= (length (plist-get preview :files)) 1) "" "s")))
     (lambda (moved)
       (format "%s has the code %s now" (plist-get moved :entity)
               (plist-get moved :tableCode))))))

(defun specql-release-code ()
  "Take the registration of an entity back, so that its code is free again.
It is refused while a file uses the code."
  (interactive)
  (specql--writable-server "No code can be released")
  (let ((chosen (specql--choose-entity "Entity")))
    (specql--correct
     "specql.releaseCode"
     (append (specql--registered chosen)
             (list :subdomain (plist-get (nth 1 chosen) :number)))
     (lambda (preview)
       (format "Take the registration of %s back, so that %s is free again"
               (plist-get preview :entity) (plist-get preview :tableCode)))
     (lambda (released)
       (format "%s is free again" (plist-get released :tableCode))))))

(defun specql-rename-registration ()
  "Give a registered entity another name; its code and its files stay."
  (interactive)
  (specql--writable-server "No entity can be renamed")
  (let* ((chosen (specql--choose-entity "Entity"))
         (name (specql--text "New name: ")))
    (specql--correct
     "specql.renameRegistration"
     (append (specql--registered chosen)
             (list :subdomain (plist-get (nth 1 chosen) :number) :newName name))
     (lambda (preview)
       (format "Rename %s to %s in the registry; it keeps %s"
               (plist-get preview :previousName) (plist-get preview :entity)
               (plist-get preview :tableCode)))
     (lambda (renamed)
       (format "%s is %s now" (plist-get renamed :previousName)
               (plist-get renamed :entity))))))


;;; Patterns and services.

(defun specql--catalog (name search)
  "The catalog NAME as the server lists it, with entries that have SEARCH.
What could not be read is told."
  (let ((catalog (aref (specql-request "specql.listCatalogs"
                                       (list :name name :search search))
                       0)))
    (mapc (lambda (source)
            (unless (string-empty-p (plist-get source :reason))
              (message "%s: %s" (plist-get source :title) (plist-get source :reason))))
          (plist-get catalog :sources))
    (when (zerop (length (plist-get catalog :entries)))
      (user-error "No %s is found" (plist-get catalog :noun)))
    catalog))

(defun specql--describe-entry (entry)
  "Show what is known of ENTRY, which has no file."
  (with-help-window "*SpecQL catalog*"
    (princ (format "%s · %s\n" (plist-get entry :name) (plist-get entry :kind)))
    (when (plist-get entry :deprecated)
      (princ (format "Deprecated%s: %s\n"
                     (if (plist-get entry :replacement)
                         (concat ", use " (plist-get entry :replacement))
                       "")
                     (plist-get entry :deprecated))))
    (princ (format "%s\n" (plist-get entry :description)))
    (mapc (lambda (item)
            (princ (format "\n%s  %s\n    %s\n" (plist-get item :name)
                           (plist-get item :detail) (plist-get item :description))))
          (plist-get entry :items))))

(defun specql--find-in-catalog (name search)
  "Visit an entry of the catalog NAME that has SEARCH, or describe it."
  (let* ((entries (plist-get (specql--catalog name search) :entries))
         (entry (specql--choose
                 "Entry"
                 (mapcar (lambda (each)
                           (list (format "%s (%s)" (plist-get each :name) (plist-get each :kind))
                                 each
                                 (concat (if (plist-get each :deprecated) "deprecated  " "")
                                         (plist-get each :detail) "  "
                                         (plist-get each :description))))
                         entries))))
    (if (plist-get entry :location)
        (specql-visit (plist-get entry :location))
      (specql--describe-entry entry))))

(defun specql-find-pattern (&optional search)
  "Visit an action pattern, or describe one of SpecQL's or of the library.
With a prefix argument only those that have each word of SEARCH."
  (interactive (list (and current-prefix-arg (specql--text "Words: "))))
  (specql--find-in-catalog "patterns" (or search "")))

(defun specql-find-service (&optional search)
  "Visit a service of the service registry.
With a prefix argument only those that have each word of SEARCH."
  (interactive (list (and current-prefix-arg (specql--text "Words: "))))
  (specql--find-in-catalog "services" (or search "")))

(defun specql-find-in-catalog (&optional search)
  "Visit or describe an entry of any catalog that the server has.
With a prefix argument only those that have each word of SEARCH."
  (interactive (list (and current-prefix-arg (specql--text "Words: "))))
  (let ((catalog (specql--choose
                  "Catalog"
                  (mapcar (lambda (each)
                            (list (plist-get each :title) each (plist-get each :about)))
                          (specql-request "specql.listCatalogs")))))
    (specql--find-in-catalog (plist-get catalog :name) (or search ""))))


;;; Status.

(defun specql--tell (status)
  "Show STATUS in the echo area."
  (message "SpecQL registry: %s. %s" (specql-status-words status)
           (or (plist-get status :reason) "")))

(defun specql-status ()
  "Say which registry answers and why."
  (interactive)
  (specql--tell (specql-request "specql.registryStatus")))

(defun specql-refresh ()
  "Read the registry again."
  (interactive)
  (specql--tell (specql-request "specql.refreshRegistry")))

(defun specql-performance-report ()
  "Show how fast the registry answers."
  (interactive)
  (let* ((report (specql-request "specql.performanceReport"))
         (cache (plist-get report :cache))
         (value (lambda (key) (plist-get report key))))
    (with-help-window "*SpecQL performance*"
      (princ (format "Queries since %s\n\n" (funcall value :since)))
      (princ (format "  %-18s %s\n" "queries" (funcall value :queries)))
      (princ (format "  %-18s %s\n" "failed" (funcall value :failed)))
      (princ (format "  %-18s %s\n" "fallbacks" (funcall value :fallbacks)))
      (princ (format "  %-18s %s\n" "slow" (funcall value :slow)))
      (dolist (each '((:averageMs . "average") (:p50Ms . "median")
                      (:p95Ms . "95 of 100 within") (:maxMs . "longest")))
        (princ (format "  %-18s %s ms\n" (cdr each) (or (funcall value (car each)) "-"))))
      (princ (format "  %-18s %s hits, %s misses\n" "cache"
                     (plist-get cache :hits) (plist-get cache :misses)))
      (when (> (length (funcall value :slowQueries)) 0)
        (princ "\nSlow queries\n\n")
        (mapc (lambda (query)
                (princ (format "  %s  %s  %s ms\n" (plist-get query :at)
                               (plist-get query :operation) (plist-get query :ms))))
              (funcall value :slowQueries))))))


(defun specql-history (&optional what)
  "Show what was done to the entity of the current file, newest first.
With a prefix argument, or in a buffer without an entity, it asks
for WHAT, an entity or a code; nothing means the whole registry."
  (interactive
   (list (and (or current-prefix-arg
                  (not (and buffer-file-name (specql-entity-buffer-p))))
              (string-trim (read-string "History of entity or code (empty: all): ")))))
  (let* ((history (specql-request
                   "specql.history"
                   (cond ((null what) (list :uri (specql--uri buffer-file-name)))
                         ((string-empty-p what) nil)
                         ((and (string-match-p "\\`[[:xdigit:]]\\{6\\}\\'" what)
                               (string-match-p "[0-9]" what))
                          (list :tableCode what))
                         (t (list :entity what)))))
         (events (append (plist-get history :events) nil)))
    (cond ((not (eq (plist-get history :available) t))
           (user-error "There is no history.  %s" (plist-get history :reason)))
          ((null events)
           (user-error "Nothing is recorded")))
    (with-help-window "*SpecQL history*"
      (dolist (event events)
        (let ((author (plist-get event :author))
              (application (plist-get event :application)))
          (princ (format "%s  %s%s%s\n    %s\n"
                         (format-time-string "%F %T" (date-to-time (plist-get event :at)))
                         (if author (concat author ", ") "")
                         (plist-get event :by)
                         (if application (concat "  from " application) "")
                         (plist-get event :summary))))))))


;;; Differences.

(defvar specql-differences-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "RET") #'specql-differences-visit)
    (define-key map "p" #'specql-keep-postgresql)
    (define-key map "y" #'specql-keep-yaml)
    (define-key map "r" #'specql-resolve)
    (define-key map "A" #'specql-keep-all)
    map)
  "The keys of `specql-differences-mode'.")

(define-derived-mode specql-differences-mode tabulated-list-mode "SpecQL differences"
  "What differs between PostgreSQL and the registry YAML.
\\<specql-differences-mode-map>\\[specql-differences-visit] goes to the line in the YAML, as `next-error' does,
\\[specql-keep-postgresql] keeps PostgreSQL, \\[specql-keep-yaml] keeps the YAML, \\[specql-resolve] asks which;
with an active region they are about all differences in it.
\\[specql-keep-all] keeps one side of everything, or of a domain, \\[revert-buffer] compares again."
  (setq tabulated-list-format [("Name" 28 nil) ("Difference" 0 nil)]
        tabulated-list-padding 1)
  (setq-local revert-buffer-function #'specql-differences--compare
              next-error-function #'specql-differences--next)
  (tabulated-list-init-header))

(defun specql-differences--entry (discrepancy)
  "The line for DISCREPANCY."
  (list discrepancy
        (vector (plist-get discrepancy :name)
                (plist-get discrepancy :detail))))

(defun specql-differences--compare (&rest _)
  "Compare the registries, list what differs, and give the number of lines."
  (let ((found (plist-get (specql-request "specql.checkConsistency") :discrepancies)))
    (setq tabulated-list-entries (mapcar #'specql-differences--entry found))
    (tabulated-list-print t)
    (length found)))

(defun specql-differences-visit ()
  "Go to the line of the registry that the difference is on."
  (interactive)
  (let ((discrepancy (or (tabulated-list-get-id)
                         (user-error "There is no difference on this line"))))
    (specql-visit (or (plist-get discrepancy :location)
                      (user-error "The registry YAML is not there to be shown")))))

(defun specql-differences--next (count reset)
  "Visit the difference COUNT lines on, from the first one where RESET is non-nil."
  (when reset
    (goto-char (point-min)))
  (unless (and (zerop (forward-line (if reset (1- (max 1 count)) count)))
               (tabulated-list-get-id))
    (user-error "No further difference"))
  (specql-differences-visit))

(defun specql-check-consistency ()
  "Compare PostgreSQL with the registry YAML, and list what differs."
  (interactive)
  (let ((server (specql-current-server))
        (buffer (get-buffer-create "*SpecQL differences*")))
    (with-current-buffer buffer
      (specql-differences-mode)
      (setq specql--server server)
      (let ((count (specql-differences--compare)))
        (if (zerop count)
            (message "PostgreSQL and the registry YAML hold the same")
          (setq next-error-last-buffer buffer)
          (pop-to-buffer buffer)
          (message "%d difference%s between PostgreSQL and the registry YAML"
                   count (if (= count 1) "" "s")))))))

(defun specql-resolve ()
  "Resolve a difference: one side gets what the other has.
In the list of differences it is the one at point, elsewhere it
is asked for."
  (interactive)
  (let* ((discrepancy (or (specql-differences--listed)
                          (specql--choose-difference)))
         (side (specql--choose
                "Resolve"
                (list (list (plist-get discrepancy :keepPostgresql) "postgresql" "")
                      (list (plist-get discrepancy :keepYaml) "yaml" ""))))
         (question (specql--question discrepancy side)))
    (when (or (null question) (y-or-n-p question))
      (specql--keep discrepancy side (and question t)))))

(defun specql--question (discrepancy side)
  "What to ask before SIDE of DISCREPANCY is kept, in the server's words.
It is nil where nothing in the database is changed or removed."
  (let ((question (plist-get discrepancy :keepYamlQuestion)))
    (and (equal side "yaml") (stringp question) (concat question " "))))

(defun specql-keep-postgresql ()
  "Give the registry YAML what PostgreSQL has, for the difference at point."
  (interactive)
  (specql--keep-after-asking "postgresql" :keepPostgresql))

(defun specql-keep-yaml ()
  "Give PostgreSQL what the registry YAML has, for the difference at point."
  (interactive)
  (specql--keep-after-asking "yaml" :keepYaml))

(defun specql--keep-after-asking (side title)
  "Keep SIDE of the differences at point; TITLE is the key of what that does."
  (let ((several (specql-differences--in-region)))
    (if (cdr several)
        (specql--keep-several several side)
      (specql--keep-one-after-asking side title))))

(defun specql-differences--in-region ()
  "The differences in the active region of a list of them."
  (when (and (derived-mode-p 'specql-differences-mode) (use-region-p))
    (let ((end (region-end)) found)
      (save-excursion
        (goto-char (region-beginning))
        (while (and (< (point) end) (not (eobp)))
          (when (tabulated-list-get-id)
            (push (tabulated-list-get-id) found))
          (forward-line 1)))
      (nreverse found))))

(defconst specql--sides '(("postgresql" . "Only in PostgreSQL")
                          ("yaml" . "Only in the YAML")
                          ("both" . "Different"))
  "The groups of differences, by where things are.")

(defun specql-keep-all ()
  "Keep one side of everything that differs, of a domain, or of another group.
The registry YAML gets one edit, or the database one transaction.
What is done is listed first."
  (interactive)
  (let* ((found (append (plist-get (specql-request "specql.checkConsistency")
                                   :discrepancies)
                        nil))
         (groups (list (cons "Everything" (reverse found)))))
    (unless found
      (user-error "PostgreSQL and the registry YAML hold the same"))
    (dolist (label (list (lambda (each)
                           (format "Domain %s (%s)" (plist-get each :domain)
                                   (plist-get each :domainName)))
                         (lambda (each)
                           (cdr (assoc (plist-get each :side) specql--sides)))))
      (dolist (each found)
        (let ((group (or (assoc (funcall label each) groups)
                         (car (push (list (funcall label each)) groups)))))
          (push each (cdr group)))))
    (let ((group (specql--choose
                  "Keep all of"
                  (mapcar (lambda (each)
                            (list (car each) (reverse (cdr each))
                                  (number-to-string (length (cdr each)))))
                          (reverse groups))))
          (side (specql--choose
                 "Which side"
                 '(("Keep PostgreSQL: write the YAML" "postgresql" "")
                   ("Keep the YAML: write PostgreSQL" "yaml" "")))))
      (specql--keep-several group side))))

(defconst specql--most-listed 15
  "How many changes are listed before they are made.")

(defun specql--keep-several (discrepancies side)
  "Keep SIDE of DISCREPANCIES; what that does is listed before."
  (let* ((location (plist-get (car discrepancies) :location))
         (file (and location (specql--path (plist-get location :uri))))
         (_ (when (and file (equal side "postgresql"))
              (find-file-noselect file)))
         (unsaved (specql--unsaved-p file))
         (argument (list :discrepancies (vconcat discrepancies) :keep side))
         (preview (specql-request "specql.resolveDiscrepancies"
                                  (append argument '(:dryRun t))))
         (lines (append (mapcar (lambda (each) (plist-get each :line))
                                (plist-get preview :changes))
                        (mapcar #'specql--refused (plist-get preview :refused))))
         (more (- (length lines) specql--most-listed))
         (shown (string-join (append (seq-take lines specql--most-listed)
                                     (and (> more 0)
                                          (list (format "… and %d more, in *SpecQL changes*" more))))
                             "\n")))
    (when (> more 0)
      (specql--show-lines "*SpecQL changes*" lines))
    (when (zerop (plist-get preview :resolved))
      (user-error "Nothing can be resolved:\n%s" shown))
    (when (yes-or-no-p (format "%s\nWrite %d to %s? " shown
                               (plist-get preview :resolved)
                               (if (equal side "yaml") "PostgreSQL"
                                 "the registry YAML")))
      (let ((answer (specql-request "specql.resolveDiscrepancies"
                                    (append argument '(:confirmed t)))))
        (when (and (not unsaved) (specql--unsaved-p file))
          (with-current-buffer (find-buffer-visiting file)
            (save-buffer)))
        (when (derived-mode-p 'specql-differences-mode)
          (specql-differences--compare))
        (message "%s" (string-join
                       (cons (format "%d resolved" (plist-get answer :resolved))
                             (mapcar #'specql--refused
                                     (plist-get answer :refused)))
                       "\n"))))))

(defun specql--refused (refused)
  "A sentence about REFUSED, a difference that cannot be resolved."
  (format "Refused: %s %s"
          (plist-get (plist-get refused :discrepancy) :message)
          (plist-get refused :message)))

(defun specql--keep-one-after-asking (side title)
  "Keep SIDE of the difference at point; TITLE is the key of what that does."
  (let* ((discrepancy (or (specql-differences--listed)
                          (user-error "There is no difference on this line")))
         (question (specql--question discrepancy side)))
    (when (y-or-n-p (or question (concat (plist-get discrepancy title) "? ")))
      (specql--keep discrepancy side (and question t)))))

(defun specql-differences--listed ()
  "The difference at point in a list of them, or nil."
  (and (derived-mode-p 'specql-differences-mode)
       (tabulated-list-get-id)))

(defun specql--keep (discrepancy side confirmed)
  "Resolve DISCREPANCY: the other side gets what SIDE has.
CONFIRMED: the user has agreed to what that writes."
  (let* ((location (plist-get discrepancy :location))
         (file (and location (specql--path (plist-get location :uri))))
         ;; Of a file that no buffer visits eglot would ask once more whether to edit it.
         (_ (when (and file (equal side "postgresql"))
              (find-file-noselect file)))
         (unsaved (specql--unsaved-p file))
         (answer (specql-request "specql.resolveDiscrepancy"
                                 (append (list :discrepancy discrepancy :keep side)
                                         (and confirmed '(:confirmed t))))))
    ;; The comparison reads the file: who had nothing else to save there is done with this.
    (when (and (not unsaved) (specql--unsaved-p file))
      (with-current-buffer (find-buffer-visiting file)
        (save-buffer)))
    (when (derived-mode-p 'specql-differences-mode)
      (specql-differences--compare))
    (message (cond ((not (eq (plist-get answer :resolved) t))
                    "Nothing was changed: the edit was not applied")
                   ((specql--unsaved-p file)
                    "Resolved as soon as the registry is saved: %s")
                   (t "Resolved: %s"))
             (plist-get discrepancy :message))))

(defun specql--unsaved-p (file)
  "Whether FILE, a name or nil, has a buffer with unsaved text."
  (let ((buffer (and file (find-buffer-visiting file))))
    (and buffer (buffer-modified-p buffer))))

(defun specql--choose-difference ()
  "The difference that the user chooses."
  (let ((found (append (plist-get (specql-request "specql.checkConsistency")
                                  :discrepancies)
                       nil)))
    (unless found
      (user-error "PostgreSQL and the registry YAML hold the same"))
    (specql--choose "Difference"
                    (mapcar (lambda (each) (list (plist-get each :message) each "")) found))))

(provide 'specql-commands)

;;; specql-commands.el ends here
