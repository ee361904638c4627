import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Does what lines on standard input say, with Kafka's own admin client: kafka-acls commands that add
 * a rule, and `scram USER PASSWORD`. The jars of the test engines lack the tools themselves.
 */
public class KafkaAdmin {
    public static void main(String[] arguments) throws Exception {
        List<AclBinding> rules = new ArrayList<>();
        List<UserScramCredentialUpsertion> users = new ArrayList<>();
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            List<String> words = Arrays.asList(line.trim().split(" +"));
            if (words.get(0).equals("scram")) {
                ScramCredentialInfo info = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096);
                users.add(new UserScramCredentialUpsertion(words.get(1), info, words.get(2)));
            } else {
                rules.add(read(words));
            }
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", (Object) arguments[0]))) {
            if (!rules.isEmpty()) {
                admin.createAcls(rules).all().get();
            }
            if (!users.isEmpty()) {
                admin.alterUserScramCredentials(new ArrayList<>(users)).all().get();
            }
        }
    }

    private static AclBinding read(List<String> words) {
        boolean isTopic = words.contains("--topic");
        String name = after(words, isTopic ? "--topic" : "--group");
        PatternType pattern = words.contains("prefixed") ? PatternType.PREFIXED : PatternType.LITERAL;
        ResourceType type = isTopic ? ResourceType.TOPIC : ResourceType.GROUP;
        AclOperation operation = AclOperation.fromString(after(words, "--operation"));
        String principal = after(words, "--allow-principal");
        return new AclBinding(
                new ResourcePattern(type, name, pattern),
                new AccessControlEntry(principal, "*", operation, AclPermissionType.ALLOW));
    }

    private static String after(List<String> words, String option) {
        return words.get(words.indexOf(option) + 1);
    }
}
