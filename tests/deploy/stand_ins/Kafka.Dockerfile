# In the place of apache/kafka: the same Kafka from the jars of the test engines, with scripts at the
# places of the official image that do what the compose file asks of those.
FROM seedwire-standin/java
RUN useradd --system --uid 1000 --gid 0 --no-create-home --shell /usr/sbin/nologin appuser \
    && install --directory --owner 1000 --group 0 /var/lib/kafka/data /opt/kafka/config
COPY jars /opt/kafka/libs
COPY kafka-run.sh /etc/kafka/docker/run
COPY kafka-storage.sh kafka-broker-api-versions.sh /opt/kafka/bin/
RUN chmod 755 /etc/kafka/docker/run /opt/kafka/bin/*
VOLUME ["/var/lib/kafka/data"]
USER appuser
CMD ["/etc/kafka/docker/run"]
