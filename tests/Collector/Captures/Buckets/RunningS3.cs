using System.Diagnostics;
using Amazon.Runtime;
using Amazon.S3;
using Monitoring.Collector.Captures.Buckets;

namespace Monitoring.Tests.Collector.Captures.Buckets;

/// <summary>A real S3 server over a folder, which a test kills and starts again at its address.</summary>
internal sealed class RunningS3 : IAsyncDisposable
{
    internal const string Bucket = "captures";

    // A Java program has taken more than a minute to start on two cores at a load of thirty.
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(4);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("s3-");
    private readonly string program;
    private readonly int port = FreePort.Take();
    private Process? process;

    private RunningS3(string program) => this.program = program;

    internal Uri Address => new($"http://127.0.0.1:{port}");

    /// <summary>A client of the test's own.</summary>
    internal AmazonS3Client Client => new(new BasicAWSCredentials("test", "test-secret"), new AmazonS3Config { ServiceURL = Address.ToString(), ForcePathStyle = true, AuthenticationRegion = "us-east-1" });

    internal BucketSettings Settings => new() { Name = Bucket, Endpoint = Address, AccessKey = "test", SecretKey = "test-secret", PartBytes = 5 << 20, Timeout = Eventually.Patience };

    /// <summary>Starts the server and makes the bucket.</summary>
    internal static async Task<RunningS3> StartAsync()
    {
        Requirement.Program("java");
        var program = Path.GetFullPath(Path.Combine(RepositoryRoot.Path, "..", "shared", "s3proxy", "start"));
        Requirement.That(File.Exists(program), "'../shared/s3proxy/start' is missing; put the S3 server beside the repository to run this test");
        var server = new RunningS3(program);
        await server.StartAgainAsync();
        using var client = server.Client;
        await client.PutBucketAsync(Bucket);
        return server;
    }

    /// <summary>Starts the server and returns when it answers.</summary>
    internal async Task StartAgainAsync()
    {
        process = Process.Start(new ProcessStartInfo(program, [port.ToString(System.Globalization.CultureInfo.InvariantCulture), folder.FullName]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var http = new HttpClient();
        await Eventually.HoldsAsync("the S3 server answers", async () =>
        {
            try
            {
                using var answer = await http.GetAsync(Address);
                return true;
            }
            catch (HttpRequestException) when (!process.HasExited)
            {
                return false;
            }
        }, StartPatience);
    }

    /// <summary>Ends it by SIGKILL; what it had stored stays.</summary>
    internal async Task KillAsync()
    {
        if (process is null) return;
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    /// <summary>The keys in the bucket, in order, without those by which this server shows its folders.</summary>
    internal async Task<List<string>> KeysAsync()
    {
        using var client = Client;
        return [.. (await client.ListObjectsV2Async(new() { BucketName = Bucket })).S3Objects.Select(static one => one.Key).Where(static key => !key.EndsWith('/')).Order(StringComparer.Ordinal)];
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        folder.Delete(recursive: true);
    }
}
