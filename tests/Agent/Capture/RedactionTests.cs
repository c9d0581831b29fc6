using System.Text.Json;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Agent.Capture;
using Xunit;

namespace Monitoring.Tests.Agent.Capture;

public sealed class RedactionTests
{
    private static readonly string[] Names =
    [
        "password", "PASSWORD", "db-password", "DB_PASSWD", "token", "hf_token", "access-token", "accessToken", "secret", "client_secret", "api_key", "api-key", "APIKEY", "apiKey", "aws_secret_access_key", "ssh-key",
        "credential", "GOOGLE_CREDENTIALS", "auth", "my.auth", "passphrase", "signature", "cookie", "ssl_pass", "PGPASSWORD", "wandb-key",
    ];

    /// <summary>Forms in which a secret follows its name; each is one command line.</summary>
    private static readonly Func<string, string, string[]>[] Forms =
    [
        static (name, secret) => [$"--{name}={secret}"],
        static (name, secret) => [$"--{name}", secret],
        static (name, secret) => [$"-{name}={secret}"],
        static (name, secret) => ["env", $"{name}={secret}", "python3"],
        static (name, secret) => [$"{name}: {secret}"],
        static (name, secret) => ["--config", $$"""{"model":"x","{{name}}":"{{secret}}","n":1}"""],
        static (name, secret) => ["--config", $$"""{"{{name}}" : "{{secret}}"}"""],
        static (name, secret) => [$"https://host/path?a=1&{name}={secret}&b=2"],
        static (name, secret) => ["-c", $"Server=db;{name}={secret};Timeout=3"],
        static (name, secret) => ["bash", "-c", $"export {name}='{secret}' && python3 train.py"],
        static (name, secret) => ["bash", "-c", $"python3 train.py --{name} {secret} --lr 3e-4"],
        static (name, secret) => ["bash", "-c", $"python3 train.py --{name} '{secret}'"],
        static (name, secret) => ["bash", "-c", $"{name}=\"{secret}\" python3 train.py"],
        static (name, secret) => [$"--env={name}={secret}"],
        static (name, secret) => [$"--set=db.{name}={secret}"],
        static (name, secret) => [$"--opt=a:{name}={secret}"],
        static (name, secret) => [$"x=--{name}={secret}"],
        static (name, secret) => [$"--dsn='{name}={secret}'"],
        static (name, secret) => ["--config", $$"""{"env":"{{name}}={{secret}}"}"""],
    ];

    /// <summary>Forms that need no name.</summary>
    private static readonly Func<string, string[]>[] Nameless =
    [
        static secret => [$"postgres://user:{secret}@db:5432/x"],
        static secret => [$"https://{secret}@github.com/x.git"],
        static secret => ["curl", "-u", $"user:{secret}"],
        static secret => ["sh", "-c", $"curl -s -u user:{secret} https://example.org"],
        static secret => ["curl", "-H", $"Authorization: Bearer {secret}"],
        static secret => ["curl", "-HAuthorization: Basic " + secret],
        static secret => ["mysql", $"-p{secret}"],
        static secret => ["sshpass", "-p", secret],
        static secret => [$"AKIA{secret.ToUpperInvariant()}0000000000"],
        static secret => [$"hf_{secret}{secret}0000"],
        static secret => [$"ghp_{secret}{secret}0000"],
        static secret => [$"eyJ{secret}{secret}.{secret}.{secret}"],
    ];

    private static readonly Arbitrary<string> Secrets = Gen.Elements("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789".ToCharArray()).ArrayOf(12).Select(static letters => new string(letters)).ToArbitrary();

    [Fact]
    public void No_secret_that_follows_its_name_is_left() => Prop.ForAll(Secrets, static secret =>
        Names.All(name => Forms.All(form => !Leaks(Redaction.CommandLine(["python3", .. form(name, secret)]), secret)))).Check(Fuzzing.Cases(50));

    [Fact]
    public void No_secret_of_a_known_form_is_left() => Prop.ForAll(Secrets, static secret =>
        Nameless.All(form => !Leaks(Redaction.CommandLine(form(secret)), secret))).Check(Fuzzing.Cases(200));

    [Fact]
    public void No_secret_of_the_environment_is_left() => Prop.ForAll(Secrets, static secret =>
    {
        var kept = Redaction.Environment(Names.SelectMany(name => (KeyValuePair<string, string>[])[new(name, secret), new("SLURM_" + name, secret), new("NCCL_X", $"{name}={secret}"), new("MASTER_ADDR", $"tcp://u:{secret}@h")]));
        return !Leaks([JsonSerializer.Serialize(kept)], secret);
    }).Check(Fuzzing.Cases(50));

    [Fact]
    public void Anything_can_be_asked_for() => Prop.ForAll<string?[]>(static texts =>
    {
        string[] given = [.. (texts ?? []).Select(static text => text ?? "")];
        var kept = Redaction.CommandLine(given);
        return kept.Count == given.Length && kept.All(static text => text.Length <= Redaction.CharactersAtMost + Redaction.Mark.Length + 3);
    }).Check(Fuzzing.Cases(500));

    [Fact]
    public void What_has_the_form_of_a_secret_goes_behind_a_name_that_says_nothing() =>
        Redaction.CommandLine(["run", "--id=Ab3Cd5Ef7Gh9Jk2Lm4Np6Qr8St3Uv5Wx"]).Should().Equal("run", $"--id={Redaction.Mark}");

    [Fact]
    public void What_is_no_secret_stays()
    {
        string[] plain =
        [
            "python3", "-u", "run.py", "-m", "torch.distributed.run", "--nproc-per-node=8", "--rdzv-endpoint=node-1:29500", "train.py", "--max-tokens", "4096", "--tokenizer-path=/models/llama", "--lr=3e-4", "--monkey", "1", "-p", "8080",
            "--data", "/mnt/data/c4/en.0001.json.gz", "--commit", "9a5f0a1c0f6e4f0b8d5c1b2a3948576655443322", "--model=/lustre/Project7/models/Llama3/checkpoints_0001", "--env=NCCL_DEBUG=INFO", "https://example.org/a?page=2",
        ];

        Redaction.CommandLine(plain).Should().Equal(plain);
    }

    [Fact]
    public void Environments_keep_what_tells_of_the_job() =>
        Redaction.Environment([new("SLURM_JOB_ID", "7"), new("RANK", "3"), new("PATH", "/bin"), new("LD_PRELOAD", "x"), new("SLURM_JWT", "abc")]).Should().BeEquivalentTo(new Dictionary<string, string> { ["SLURM_JOB_ID"] = "7", ["RANK"] = "3", ["SLURM_JWT"] = Redaction.Mark });

    private static bool Leaks(IEnumerable<string> texts, string secret) => texts.Any(text => text.Contains(secret, StringComparison.OrdinalIgnoreCase));
}
