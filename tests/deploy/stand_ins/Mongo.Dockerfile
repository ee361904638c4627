# In the place of mongo: mongo-java-server, whose writes are on the volume before it answers.
FROM seedwire-standin/java
COPY jars /opt/mongo
COPY mongosh.py /usr/bin/mongosh
RUN chmod 755 /usr/bin/mongosh && install --directory /data/db /data/configdb
VOLUME ["/data/db", "/data/configdb"]
CMD ["java", "-Xmx512m", "-XX:+UseSerialGC", "-Dhost=0.0.0.0", "-cp", "/opt/mongo:/opt/mongo/*", "Launch", "27017", "/data/db/mongo.h2"]
