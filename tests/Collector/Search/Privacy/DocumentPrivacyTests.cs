using System.Text.Json.Nodes;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Collector.Search.Privacy;
using Monitoring.Tests.Collector.Search.Documents;
using Xunit;

namespace Monitoring.Tests.Collector.Search.Privacy;

public sealed class DocumentPrivacyTests : IDisposable
{
    private readonly string keyFile = Path.GetTempFileName();

    public DocumentPrivacyTests() => File.WriteAllText(keyFile, "a key of more than sixteen bytes\n");

    public void Dispose() => File.Delete(keyFile);

    [Fact]
    public void The_hash_of_a_value_is_the_same_for_ever() =>
        // openssl dgst -sha256 -hmac 'a key of more than sixteen bytes' over "anna", the first half.
        PrivacyKey.Read(keyFile).Hash("anna").Should().Be("hmac-" + HmacOf("a key of more than sixteen bytes", "anna"));

    [Theory]
    [InlineData(PrivacyTreatment.Hash)]
    [InlineData(PrivacyTreatment.Drop)]
    internal void No_document_says_who_it_was_where_users_are_not_kept(PrivacyTreatment treatment)
    {
        var privacy = Of(new PrivacySettings { Users = treatment, CommandLines = treatment, Paths = treatment, Addresses = treatment });

        foreach (var (name, _, document) in GoldenDocuments.All(privacy))
        {
            var json = GoldenDocuments.Json(document);
            // nightly, node-1 and python3 stay; names of persons, their paths and addresses do not.
            json.Should().NotContainAny(["anna", "berta", "carl", "/home", "train.py", "serve.py", "10.1.2.3", "fe80"], $"{name} is to be without persons");
        }
    }

    [Fact]
    public void A_hashed_user_is_found_by_his_hash_in_every_document_that_names_him()
    {
        var privacy = Of(new PrivacySettings { Users = PrivacyTreatment.Hash });
        var hash = PrivacyKey.Read(keyFile).Hash("berta");

        var found = GoldenDocuments.All(privacy).Where(one => JsonNode.Parse(GoldenDocuments.Json(one.Document))!["related"]?["user"]?.AsArray().Any(user => user!.ToString() == hash) == true).Select(static one => one.Name);

        found.Should().Contain(["event-agent-cleared", "event-capture-done", "audit-request", "capture-person"]);
    }

    [Fact]
    public void What_is_kept_stays_as_it_is() => GoldenDocuments.All(Of(new PrivacySettings())).Select(static one => GoldenDocuments.Json(one.Document))
        .Should().Equal(GoldenDocuments.All(GoldenDocuments.OpenPrivacy).Select(static one => GoldenDocuments.Json(one.Document)));

    [Theory]
    [InlineData("anna", "annual report of anna", "annual report of X")]
    [InlineData("anna", "/home/anna/train.py anna-train anna_2", "/home/X/train.py X-train X_2")]
    [InlineData("anna", "hanna annanna anna", "hanna annanna X")]
    [InlineData("a.b", "a.b axb xa.b a.b2", "X axb xa.b a.b2")]
    [InlineData("anna", "anna anna,anna", "X X,X")]
    public void A_name_is_replaced_where_it_stands_by_itself(string value, string text, string expected) => WholeWords.Replace(text, value, "X").Should().Be(expected);

    [Theory]
    [InlineData("cannot open /home/anna/x.py: gone", "cannot open X: gone")]
    [InlineData("--data=/scratch/u1/set,/data/b/c", "--data=X,X")]
    [InlineData("(/a/b) '/a/b' \"/a/b\"", "(X) 'X' \"X\"")]
    [InlineData("/proc/self/maps /usr/lib/libnccl.so /dev/nvidia0", "/proc/self/maps /usr/lib/libnccl.so /dev/nvidia0")]
    [InlineData("see https://collector.example/api/v1/x and and/or 3/4 /data", "see https://collector.example/api/v1/x and and/or 3/4 /data")]
    [InlineData("/home/anna", "X")]
    [InlineData("PYTHONPATH=/home/anna/a:/home/bob/b", "PYTHONPATH=X:X")]
    [InlineData("docker run -v /home/anna/data:/data/bob", "docker run -v X:X")]
    [InlineData("error in:/home/anna/x, file:/home/anna/x, file:///home/anna/x", "error in:X, file:X, file://X")]
    [InlineData("@/home/anna/args.txt rank0>/home/anna/log cat</home/anna/x|tee /home/anna/y&", "@X rank0>X cat<X|tee X&")]
    [InlineData("cc -I/home/anna/include -L/home/anna/lib x-I/a/b", "cc -IX -LX x-I/a/b")]
    [InlineData("http://node-1:9461/api/v1/x http:/node/a", "http://node-1:9461/api/v1/x http:X")]
    public void Paths_are_found_and_those_of_the_system_and_of_links_are_not(string text, string expected) => FilePaths.Replace(text, static _ => "X").Should().Be(expected);

    [Fact]
    public void A_path_is_hashed_as_it_was_though_a_user_stands_in_it()
    {
        var names = Of(new PrivacySettings { Users = PrivacyTreatment.Hash, Paths = PrivacyTreatment.Hash }).Named();
        names.User("anna");

        names.In("anna opened /home/anna/x").Should().Be($"{Hash("anna")} opened {Hash("/home/anna/x")}");
    }

    [Fact]
    public void Root_is_no_person() => Of(new PrivacySettings { Users = PrivacyTreatment.Drop }).Named().User("root").Should().Be("root");

    [Fact]
    public void No_text_keeps_a_name_that_stands_by_itself_in_it()
    {
        var privacy = Of(new PrivacySettings { Users = PrivacyTreatment.Drop });
        var part = Gen.Elements("anna", "/", " ", ".", "x", "ann", "\ud83d\ude00", "-", "root", ":");
        Prop.ForAll(part.ListOf().Select(static parts => string.Concat(parts)).ToArbitrary(), text =>
        {
            var names = privacy.Named();
            names.User("anna");
            return !System.Text.RegularExpressions.Regex.IsMatch(names.In(text), @"(?<![\p{L}\p{Nd}])anna(?![\p{L}\p{Nd}])");
        }).Check(Fuzzing.Cases(100));
    }

    [Fact]
    public void A_key_that_is_missing_or_short_is_told_with_the_remedy()
    {
        var read = static (string path) => (Action)(() => PrivacyKey.Read(path));

        read("/nowhere/key").Should().Throw<IOException>().WithMessage("*/nowhere/key*openssl rand*");
        File.WriteAllText(keyFile, "short\n");
        read(keyFile).Should().Throw<IOException>().WithMessage("*has 5 bytes, expected 16*");
        new PrivacySettings { Users = PrivacyTreatment.Hash }.Check().Should().ContainSingle().Which.Key.Should().Be("key_file");
    }

    private static string HmacOf(string key, string value) =>
        Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key), System.Text.Encoding.UTF8.GetBytes(value)))[..32];

    private string Hash(string value) => PrivacyKey.Read(keyFile).Hash(value);

    private DocumentPrivacy Of(PrivacySettings settings)
    {
        settings.KeyFile = keyFile;
        return DocumentPrivacy.Of(settings);
    }
}
