# bash completion of posctl; load it with: source <(posctl completion bash)
_posctl() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command="" place
    for ((place = 1; place < COMP_CWORD; place++)); do
        case ${COMP_WORDS[place]} in
            status|devices|selftest|confirm-clock|journal|events|doctor|submit|show|search|reprint|settle|preview|terms|approve|withdraw|request|resign|void|attest|signature|exceptions|exception|shift|pin|evidence|explain|completion) command=${COMP_WORDS[place]}; break ;;
        esac
    done
    case $before in
        --socket) COMPREPLY=($(compgen -f -- "$word")); return ;;
        --lang) COMPREPLY=($(compgen -W "en zh" -- "$word")); return ;;
        --key) COMPREPLY=(); return ;;
        --wait) COMPREPLY=(); return ;;
        --archive) COMPREPLY=(); return ;;
        --slip) COMPREPLY=(); return ;;
        --anchor) COMPREPLY=(); return ;;
        -o|--output) COMPREPLY=($(compgen -f -- "$word")); return ;;
        --file) COMPREPLY=($(compgen -f -- "$word")); return ;;
        --since) COMPREPLY=(); return ;;
        --from) COMPREPLY=(); return ;;
        --config) COMPREPLY=($(compgen -f -- "$word")); return ;;
        --copy) COMPREPLY=($(compgen -W "merchant customer" -- "$word")); return ;;
        --until) COMPREPLY=(); return ;;
        --amount) COMPREPLY=(); return ;;
        --type) COMPREPLY=($(compgen -W "sale refund void" -- "$word")); return ;;
        --last-four) COMPREPLY=(); return ;;
        --receipt) COMPREPLY=(); return ;;
        --limit) COMPREPLY=(); return ;;
        --after) COMPREPLY=(); return ;;
        --reason) COMPREPLY=(); return ;;
        --note) COMPREPLY=(); return ;;
        --date) COMPREPLY=(); return ;;
        --number) COMPREPLY=(); return ;;
        --template) COMPREPLY=($(compgen -f -- "$word")); return ;;
        --locale) COMPREPLY=($(compgen -W "zh_CN en" -- "$word")); return ;;
        --width) COMPREPLY=($(compgen -W "58 80" -- "$word")); return ;;
        --cause) COMPREPLY=($(compgen -W "procedure staff handover device system customer" -- "$word")); return ;;
        --signed-by) COMPREPLY=(); return ;;
        --signed) COMPREPLY=(); return ;;
        --version) COMPREPLY=(); return ;;
        --state) COMPREPLY=($(compgen -W "open closed waived all" -- "$word")); return ;;
        --channel) COMPREPLY=($(compgen -W "phone message mail in-person other" -- "$word")); return ;;
        --outcome) COMPREPLY=($(compgen -W "reached not-reached promised refused other" -- "$word")); return ;;
        --confirms) COMPREPLY=(); return ;;
    esac
    case $command in
        status) COMPREPLY=($(compgen -W "-h --help --check --socket --json --lang" -- "$word")); ;;
        devices) COMPREPLY=($(compgen -W "-h --help --socket --json --lang" -- "$word")); ;;
        selftest) COMPREPLY=($(compgen -W "-h --help --key --wait --socket --json --lang" -- "$word")); ;;
        confirm-clock) COMPREPLY=($(compgen -W "-h --help --socket --json --lang" -- "$word")); ;;
        journal) COMPREPLY=($(compgen -W "-h --help --socket --json --lang --archive --slip --anchor --key -o --output --file --since info verify dump backup restore salvage" -- "$word")); COMPREPLY+=($(compgen -f -- "$word")) ;;
        events) COMPREPLY=($(compgen -W "-h --help --from --follow -f --socket --json --lang" -- "$word")); ;;
        doctor) COMPREPLY=($(compgen -W "-h --help --config --socket --json --lang" -- "$word")); ;;
        submit) COMPREPLY=($(compgen -W "-h --help --socket --json --lang" -- "$word")); COMPREPLY+=($(compgen -f -- "$word")) ;;
        show) COMPREPLY=($(compgen -W "-h --help --copies --copy --text --svg -o --output --socket --json --lang last" -- "$word")); ;;
        search) COMPREPLY=($(compgen -W "-h --help --since --until --amount --type --last-four --receipt --open --limit --after --socket --json --lang" -- "$word")); ;;
        reprint) COMPREPLY=($(compgen -W "-h --help --copy --reason --note --key --ask-supervisor --amount --type --last-four --receipt --date --wait --socket --json --lang last" -- "$word")); ;;
        settle) COMPREPLY=($(compgen -W "-h --help --copy --number --printed --not-printed --socket --json --lang last" -- "$word")); ;;
        preview) COMPREPLY=($(compgen -W "-h --help --copy --template --type --locale --width --config --text --png --svg --pdf -o --output --socket --json --lang last" -- "$word")); ;;
        terms) COMPREPLY=($(compgen -W "-h --help --copy --socket --json --lang last" -- "$word")); ;;
        approve) COMPREPLY=($(compgen -W "-h --help --decline --socket --json --lang" -- "$word")); ;;
        withdraw) COMPREPLY=($(compgen -W "-h --help --socket --json --lang" -- "$word")); ;;
        request) COMPREPLY=($(compgen -W "-h --help --socket --json --lang" -- "$word")); ;;
        resign) COMPREPLY=($(compgen -W "-h --help --reason --key --wait --socket --json --lang last" -- "$word")); ;;
        void) COMPREPLY=($(compgen -W "-h --help --reason --cause --key --socket --json --lang last" -- "$word")); ;;
        attest) COMPREPLY=($(compgen -W "-h --help --signed-by --signed --key --socket --json --lang last" -- "$word")); ;;
        signature) COMPREPLY=($(compgen -W "-h --help --strokes --png --svg --jbig --iso19794-7 -o --output --version --socket --json --lang last" -- "$word")); ;;
        exceptions) COMPREPLY=($(compgen -W "-h --help --state --limit --after --socket --json --lang" -- "$word")); ;;
        exception) COMPREPLY=($(compgen -W "-h --help --socket --json --lang --channel --outcome --key --reason note assign escalate waive close" -- "$word")); ;;
        shift) COMPREPLY=($(compgen -W "-h --help --socket --json --lang --confirms --key --no-slip show open close" -- "$word")); ;;
        pin) COMPREPLY=($(compgen -W "-h --help --socket --json --lang" -- "$word")); ;;
        evidence) COMPREPLY=($(compgen -W "-h --help -o --output --socket --json --lang last" -- "$word")); ;;
        explain) COMPREPLY=($(compgen -W "-h --help --socket --json --lang" -- "$word")); ;;
        completion) COMPREPLY=($(compgen -W "-h --help --socket --json --lang bash zsh fish" -- "$word")); ;;
        *) COMPREPLY=($(compgen -W "status devices selftest confirm-clock journal events doctor submit show search reprint settle preview terms approve withdraw request resign void attest signature exceptions exception shift pin evidence explain completion -h --help --version --socket --json --lang" -- "$word")) ;;
    esac
}
complete -F _posctl posctl
