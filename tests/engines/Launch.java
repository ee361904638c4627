import de.bwaldvogel.mongo.MongoBackend;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import org.h2.mvstore.MVStore;

/**
 * Starts mongo-java-server on loopback, or on the address of the system property {@code host}.
 *
 * <p>{@code Launch PORT} keeps all data in memory. {@code Launch PORT FILE} commits every write to FILE before it
 * acknowledges it. Port 0 means any free port. Prints {@code READY PORT} once the port is bound.
 */
public class Launch {

  public static void main(String[] arguments) throws InterruptedException {
    MongoBackend backend = arguments.length > 1 ? new CommittedBackend(arguments[1]) : new MemoryBackend();
    backend.version(new AnnouncedVersion());
    MongoServer server = new MongoServer(backend);
    String host = System.getProperty("host", InetAddress.getLoopbackAddress().getHostAddress());
    server.bind(new InetSocketAddress(host, Integer.parseInt(arguments[0])));
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
    System.out.println("READY " + server.getLocalAddress().getPort());
    Thread.currentThread().join();
  }

  /** MongoDB 5.0 with wire version 13: the library announces 8, and PyMongo requires 9 or more. */
  static class AnnouncedVersion implements MongoVersion {
    @Override
    public List<Integer> getVersionArray() {
      return List.of(5, 0, 0);
    }

    @Override
    public int getWireVersion() {
      return 13;
    }

    @Override
    public String toVersionString() {
      return "5.0.0";
    }
  }

  /**
   * H2's store, committed before each reply. A write and its commit share one lock: an acknowledged write survives
   * SIGKILL, and no commit contains a document without its index entry.
   */
  static class CommittedBackend extends H2Backend {
    private static final Set<String> WRITES = Set.of(
        "insert", "update", "delete", "findAndModify", "findandmodify", "aggregate", // aggregate: $merge and $out write
        "create", "createIndexes", "drop", "dropDatabase", "dropIndexes", "renameCollection");

    private final Object oneWriteAtATime = new Object();

    CommittedBackend(String file) {
      super(new MVStore.Builder().fileName(file).autoCommitDisabled().open());
    }

    @Override
    public Document handleMessage(MongoMessage message) {
      String command = message.getDocument().keySet().iterator().next();
      if (!WRITES.contains(command)) {
        return super.handleMessage(message);
      }
      synchronized (oneWriteAtATime) {
        try {
          return super.handleMessage(message);
        } finally {
          commit(); // also after an error: an unordered bulk acknowledges what it did before
        }
      }
    }
  }
}
