#compdef posctl
# zsh completion of posctl; load it with: source <(posctl completion zsh)
_posctl() {
    local -a commands
    local context state line
    commands=(
        'status:Show devices, journal and open exceptions at one look.'
        'devices:List printer, pad and keypad with their reasons, and what they have done and met.'
        'selftest:Print the printer'\''s self-test slip, behind all sales that wait.'
        'confirm-clock:Say that the box'\''s clock is right although posd doubts it; for a supervisor.'
        'journal:Show how the journal stands; verify, copy, restore or salvage a journal file.'
        'events:Show events  the last ones, or from a number on; or follow them live.'
        'doctor:Look at the box itself  socket, ports and their thieves, groups, clock, disk, fonts. Works with posd down.'
        'submit:Hand over a transaction from a JSON file.'
        'show:Show one transaction and how it stands.'
        'search:Find transactions; all conditions must hold.'
        'reprint:Print a copy again, marked as a duplicate, under the shop'\''s rules.'
        'settle:Say whether an unknown copy came out of the printer.'
        'preview:Show a copy as text, or write it as PNG, SVG or PDF; prints nothing.'
        'terms:Say until when and how often a copy may be reprinted.'
        'approve:List the copies that wait for a supervisor, or approve or decline one.'
        'withdraw:Withdraw a copy that is not on the printer yet.'
        'request:Show how a request for a copy stands, a refused one too.'
        'resign:Take a missing signature again on the pad.'
        'void:Say that the newest signature is wrong  it stays on record, and the pad asks for another.'
        'attest:Say that the slip was signed by hand.'
        'signature:Show the facts of a signature, or write its picture.'
        'exceptions:List what did not end as it should, with its cause.'
        'exception:Follow up one exception  note, assign, escalate, waive, close.'
        'shift:Show the shift, open one, or hand over.'
        'pin:Ask for a supervisor'\''s PIN, unseen, and print the line for the file that keypad.supervisors names.'
        'evidence:Export all that proves one transaction, with a script that checks it anywhere.'
        'explain:Explain a word that posd has said  what happened, what was kept, what to do. Works with posd down.'
        'completion:Print the completion for a shell.'
    )
    _arguments -C \
        '-h[show this and end]' \
        '--help[show this and end]' \
        '--version[show the version and end]' \
        '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' \
        '--json[answer as JSON, for programs]' \
        '--lang[language (default  the environment'\''s)]:value:(en zh)' \
        '1: :->command' '*:: :->rest'
    case $state in
        command) _describe command commands ;;
        rest)
            case $line[1] in
                status) _arguments '-h[show this and end]' '--help[show this and end]' '--check[exit code 5 unless all is ready]' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' ;;
                devices) _arguments '-h[show this and end]' '--help[show this and end]' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' ;;
                selftest) _arguments '-h[show this and end]' '--help[show this and end]' '--key[your idempotency key, to be able to repeat safely]:value:()' '--wait[stay until it has ended, at most so long (60)]:value:()' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' ;;
                confirm-clock) _arguments '-h[show this and end]' '--help[show this and end]' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' ;;
                journal) _arguments '-h[show this and end]' '--help[show this and end]' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' '--archive[where the archive is to be; without it  archive beside the journal]:value:()' '--slip[the digest on a slip, or what its QR code says]:value:()' '--anchor[the anchor of an earlier export, or a file that holds it]:value:()' '--key[the key of the seals  checks them too]:file:_files' '-o[the new file; nothing may be there yet]:file:_files' '--output[the new file; nothing may be there yet]:file:_files' '--file[copy this file and its archive instead, which no posd has open]:file:_files' '--since[an earlier backup, which stays as it is]:value:()' '*:file:_files' ;;
                events) _arguments '-h[show this and end]' '--help[show this and end]' '--from[begin at this sequence number]:value:()' '--follow[go on live until Ctrl-C]' '-f[go on live until Ctrl-C]' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' ;;
                doctor) _arguments '-h[show this and end]' '--help[show this and end]' '--config[posd'\''s configuration (default /etc/posd/posd.toml)]:file:_files' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' ;;
                submit) _arguments '-h[show this and end]' '--help[show this and end]' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' '*:file:_files' ;;
                show) _arguments '-h[show this and end]' '--help[show this and end]' '--copies[its slips instead, each copy beside its original]' '--copy[which copy]:value:(merchant customer)' '--text[as text]' '--svg[as svg]' '-o[write to FILE; its ending names the format]:file:_files' '--output[write to FILE; its ending names the format]:file:_files' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' '*:word:(last)' ;;
                search) _arguments '-h[show this and end]' '--help[show this and end]' '--since[not before  a day, `today`, or an RFC 3339 time]:value:()' '--until[not after  a day, `today`, or an RFC 3339 time]:value:()' '--amount[the total, such as 36.00]:value:()' '--type[its type]:value:(sale refund void)' '--last-four[the card'\''s last four digits]:value:()' '--receipt[the receipt number]:value:()' '--open[only those with something open]' '--limit[at most so many (default 50, at most 200)]:value:()' '--after[the next page, as the last one says]:value:()' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' ;;
                reprint) _arguments '-h[show this and end]' '--help[show this and end]' '--copy[which copy (default customer)]:value:(merchant customer)' '--reason[why (default lost); posctl terms lists the shop'\''s reasons]:value:()' '--note[what the reason does not say]:value:()' '--key[your idempotency key, to be able to repeat safely]:value:()' '--ask-supervisor[if one is needed, wait for one]' '--amount[the total, such as 36.00]:value:()' '--type[its type]:value:(sale refund void)' '--last-four[the card'\''s last four digits]:value:()' '--receipt[the receipt number]:value:()' '--date[the day of the sale, 2026-11-21]:value:()' '--wait[stay until it has ended, at most so long (60)]:value:()' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' '*:word:(last)' ;;
                settle) _arguments '-h[show this and end]' '--help[show this and end]' '--copy[which copy]:value:(merchant customer)' '--number[0 is the original, 1 and up are reprints]:value:()' '--printed[it came out]' '--not-printed[it did not]' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' '*:word:(last)' ;;
                preview) _arguments '-h[show this and end]' '--help[show this and end]' '--copy[which copy (default customer)]:value:(merchant customer)' '--template[a sample sale with this template instead; without FILE with posd'\''s own]:file:_files' '--type[of the sample  its type]:value:(sale refund void)' '--locale[of the sample  its language]:value:(zh_CN en)' '--width[of the sample  its paper, mm]:value:(58 80)' '--config[of the sample  shop, printer and logo of this posd.toml]:file:_files' '--text[as text]' '--png[as png]' '--svg[as svg]' '--pdf[as pdf]' '-o[write to FILE; its ending names the format]:file:_files' '--output[write to FILE; its ending names the format]:file:_files' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' '*:word:(last)' ;;
                terms) _arguments '-h[show this and end]' '--help[show this and end]' '--copy[which copy (default customer)]:value:(merchant customer)' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' '*:word:(last)' ;;
                approve) _arguments '-h[show this and end]' '--help[show this and end]' '--decline[it is not to be printed]' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' ;;
                withdraw) _arguments '-h[show this and end]' '--help[show this and end]' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' ;;
                request) _arguments '-h[show this and end]' '--help[show this and end]' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' ;;
                resign) _arguments '-h[show this and end]' '--help[show this and end]' '--reason[why (default missing)]:value:()' '--key[your idempotency key, to be able to repeat safely]:value:()' '--wait[stay until it has ended, at most so long (60)]:value:()' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' '*:word:(last)' ;;
                void) _arguments '-h[show this and end]' '--help[show this and end]' '--reason[why it is wrong]:value:()' '--cause[whose doing it was (default customer)]:value:(procedure staff handover device system customer)' '--key[your idempotency key, to be able to repeat safely]:value:()' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' '*:word:(last)' ;;
                attest) _arguments '-h[show this and end]' '--help[show this and end]' '--signed-by[who signed it]:value:()' '--signed[when, such as 2026-11-21T10 15 30+08 00]:value:()' '--key[your idempotency key, to be able to repeat safely]:value:()' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' '*:word:(last)' ;;
                signature) _arguments '-h[show this and end]' '--help[show this and end]' '--strokes[as strokes]' '--png[as png]' '--svg[as svg]' '--jbig[as jbig]' '--iso19794-7[as iso19794-7]' '-o[write to FILE; its ending names the format]:file:_files' '--output[write to FILE; its ending names the format]:file:_files' '--version[which version (default the newest)]:value:()' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' '*:word:(last)' ;;
                exceptions) _arguments '-h[show this and end]' '--help[show this and end]' '--state[which (default open)]:value:(open closed waived all)' '--limit[at most so many (default 200)]:value:()' '--after[go on behind this one]:value:()' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' ;;
                exception) _arguments '-h[show this and end]' '--help[show this and end]' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' '--channel[how somebody was to be reached]:value:(phone message mail in-person other)' '--outcome[what came of it]:value:(reached not-reached promised refused other)' '--key[your idempotency key, to be able to repeat safely]:value:()' '--reason[why]:value:()' '*:word:(note assign escalate waive close)' ;;
                shift) _arguments '-h[show this and end]' '--help[show this and end]' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' '--confirms[the id on the handover]:value:()' '--key[your idempotency key, to be able to repeat safely]:value:()' '--no-slip[do not print it]' '*:word:(show open close)' ;;
                pin) _arguments '-h[show this and end]' '--help[show this and end]' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' ;;
                evidence) _arguments '-h[show this and end]' '--help[show this and end]' '-o[the zip file]:file:_files' '--output[the zip file]:file:_files' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' '*:word:(last)' ;;
                explain) _arguments '-h[show this and end]' '--help[show this and end]' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' ;;
                completion) _arguments '-h[show this and end]' '--help[show this and end]' '--socket[posd'\''s socket (default /run/posd/posd.sock)]:file:_files' '--json[answer as JSON, for programs]' '--lang[language (default  the environment'\''s)]:value:(en zh)' '*:word:(bash zsh fish)' ;;
            esac ;;
    esac
}
if [ "$funcstack[1]" = "_posctl" ]; then _posctl "$@"; else compdef _posctl posctl; fi
