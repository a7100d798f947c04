autocmd BufNewFile,BufRead MATRIX,*.matrix setfiletype matrix
