" Vim syntax file of the MATRIX language, made from its tables by scripts/editors.py.
if exists("b:current_syntax")
  finish
endif
let s:cpo_save = &cpo
set cpo&vim
syn case match

" Of two items that begin at one place Vim takes the one defined last.
syn match  matrixKey            /\v<[a-z][a-z0-9._-]*\ze\=/
syn match  matrixKnown          /\v<%(haproxy\.send_proxy|nginx\.fail_timeout|httpd\.max_workers|haproxy\.balance|haproxy\.maxconn|nginx\.keepalive|nginx\.max_conns|nginx\.max_fails|httpd\.lbmethod|metrics\.scheme|nginx\.upstream|persist\.prefix|check\.retries|check\.timeout|httpd\.include|httpd\.timeout|check\.status|haproxy\.mode|httpd\.scheme|httpd\.sticky|metrics\.path|metrics\.port|nginx\.backup|nginx\.method|check\.every|check\.pause|httpd\.allow|httpd\.proxy|metrics\.job|ssh\.hostkey|check\.helo|check\.host|httpd\.name|httpd\.port|httpd\.root|pool\.scope|vip\.master|vip\.prefix|httpd\.env|hysteresis|ssh\.jump|ssh\.port|ssh\.user|vip\.name|balancer|dns\.txt|priority|vip\.dev|dns\.mx|inhibit|persist|preempt|unicast|advert|quorum|weight|alias|check|proto|sched|sorry|port|vrid|dev|fwd|vip|on)\ze\=/
syn match  matrixAddress        /\v\s\zs\d+\.\d+\.\d+\.[0-9\[][0-9,\/\[\]-]*/
syn match  matrixAddress        /\v\s\zs[0-9a-f]{1,4}:[0-9a-f:.]*:[0-9a-f:.]*/
syn match  matrixRange          /\v\S\zs\[[^][ \t"]*\]/
syn region matrixString         start=/"/ skip=/\\\\\|\\"/ end=/"/ oneline contains=matrixEscape,matrixWrongEscape
syn match  matrixWrongEscape    /\\./ contained
syn match  matrixEscape         /\\["\\nt]/ contained
syn region matrixTag            start=/\s\zs\[/ end=/\]/ oneline contains=@matrixInTag
syn cluster matrixInTag         contains=matrixRole,matrixState,matrixStateIn,matrixStateOut,matrixReason
syn cluster matrixInTag         add=matrixKey,matrixKnown,matrixString,matrixRange
syn match  matrixRole           /\v\[\s*\zs[a-z][a-z0-9._-]*/ contained
syn match  matrixState          /\v<[A-Z][A-Z0-9_]*>/ contained
syn match  matrixStateIn        /\v<%(WARN)>/ contained
syn match  matrixStateOut       /\v<%(STOP)>/ contained
syn match  matrixReason         /\v:\s*\zs[^][" \t]%([^][]|\[[^][]*\])*/ contained
syn match  matrixWrongDirective /\v^\s*\zs\@\S*/
syn match  matrixDirective      /\v^\s*\zs\@%(property|default|include|domain|matrix|strict|group|state|rack|site)>/ nextgroup=matrixGroupName skipwhite
syn match  matrixKind           /\v%(^\s*\@property\s+\S+\s+)@<=%(duration|endpoint|number|one-of|bool|host|text|int|url|ip|list)>/
syn match  matrixStateOut       /\v%(^\s*\@state\s+\S+\s+)@<=out>/
syn match  matrixStateIn        /\v%(^\s*\@state\s+\S+\s+)@<=in>/
syn match  matrixOperator       /\v%(^\s*\@group\s.*)@<=[,&!^()]/
syn match  matrixState          /\v%(^\s*\@group\s.*)@<=<%(UP|STOP|WARN)>/
syn match  matrixHeader         /\v^\[[a-z][a-z0-9._-]*\]/
syn match  matrixComment        /\v%(^|\s)\zs#.*$/ contains=matrixTodo
syn keyword matrixTodo          TODO FIXME XXX contained

hi def link matrixComment Comment
hi def link matrixTodo Todo
hi def link matrixString String
hi def link matrixEscape SpecialChar
hi def link matrixWrongEscape Error
hi def link matrixDirective PreProc
hi def link matrixWrongDirective Error
hi def link matrixKind Type
hi def link matrixHeader Structure
hi def link matrixRole Identifier
hi def link matrixStateIn Todo
hi def link matrixStateOut WarningMsg
hi def link matrixState Constant
hi def link matrixReason String
hi def link matrixKnown Keyword
hi def link matrixKey Identifier
hi def link matrixRange Number
hi def link matrixAddress Number
hi def link matrixOperator Operator
hi def link matrixTag Delimiter

let b:current_syntax = "matrix"
let &cpo = s:cpo_save
unlet s:cpo_save
