# What Nuke's Tcl does with a script, as far as the graph goes: nodes pop and push a stack. Runs in a safe
# interpreter; "emit" and the commands that could do harm are aliases into the caller, which only records them.
set DEPTH 0
set STACK(0) {}
set OWNER(0) -
set COUNT 0

proc stack {index} {
    global DEPTH STACK
    lindex $STACK($DEPTH) end-$index
}
proc push {node} {
    global DEPTH STACK
    lappend STACK($DEPTH) $node
}
proc pop {} {
    global DEPTH STACK
    set node [lindex $STACK($DEPTH) end]
    set STACK($DEPTH) [lrange $STACK($DEPTH) 0 end-1]
    return [expr {$node eq "" ? "0" : $node}]
}
proc make {class source body} {
    global DEPTH STACK OWNER COUNT
    set count 1
    set masks 0
    foreach {knob value} $body {
        if {$knob eq "inputs"} {
            set masks 0
            if {[regexp {^(\d+)\+(\d+)$} $value - count masks]} {} else { set count $value }
        }
    }
    set inputs {}
    for {set i 0} {$i < $count} {incr i} { lappend inputs [pop] }
    set mask -
    for {set i 0} {$i < $masks} {incr i} { set mask [pop] }
    set node n[incr COUNT]
    push $node
    emit node $node $OWNER($DEPTH) $class $source $inputs $mask $body
    if {$class in {Group Gizmo LiveGroup VariableGroup} && $source eq "-"} {
        incr DEPTH
        set STACK($DEPTH) {}
        set OWNER($DEPTH) $node
    }
}
proc end_group {} {
    global DEPTH
    if {$DEPTH == 0} { error "end_group without a group" }
    incr DEPTH -1
}
proc clone {source body} { make - $source $body }
proc unknown {class args} {
    if {[llength $args] != 1} { error "unknown command $class" }
    make $class - [lindex $args 0]
}
proc version {args} { emit version $args }
proc add_layer {words} { emit layer $words }
proc Root {body} { emit root $body }
