#!/bin/bash
# As the official image's: KAFKA_LOG_DIRS becomes log.dirs, an empty folder is formatted, Kafka runs.
set -euo pipefail
settings=/opt/kafka/config/server.properties
compgen -e | grep '^KAFKA_' | grep -v -E '^KAFKA_(HEAP_OPTS|OPTS)$' | while read -r variable; do
    name=$(tr 'A-Z_' 'a-z.' <<< "${variable#KAFKA_}")
    printf '%s=%s\n' "$name" "${!variable}"
done > "$settings"
options=("-Xmx${KAFKA_HEAP:-512m}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp '/opt/kafka/libs/*')
java "${options[@]}" kafka.tools.StorageTool format --ignore-formatted --cluster-id "$CLUSTER_ID" --config "$settings"
exec java "${options[@]}" kafka.Kafka "$settings"
