# In the place of prom/prometheus: Debian's.
FROM seedwire-standin/java
COPY prometheus /bin/prometheus
RUN install --directory --owner nobody /prometheus
USER nobody
CMD ["/bin/prometheus", "--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]
