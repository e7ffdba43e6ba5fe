// Answers questions about zones and schedules in bulk, one a line, so that other implementations can check them:
// see Tests/oracles/run. A question is a verb and its operands, separated by tabs; moments are seconds since 1970.
//
//     next <expression> <zone> <start> <count>    the occurrences after start, or "error: …"
//     latest <expression> <zone> <after> <until>  the last one of a stretch of time, or "none"
//     offset <zone> <moment>                      seconds east of UTC, and the abbreviation
//     local <zone> <clock seconds>                "unique A", "gap A" or "fold A B"
//     transitions <zone> <after> <until>          the moments at which anything changes

ScheduleOracle().run()
