using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Elasticsearch.Connection;
using Xunit;

namespace Monitoring.Tests.Elasticsearch.Connection;

/// <summary>Certificates against a server that demands them.</summary>
public sealed class MutualTlsTests : IAsyncLifetime
{
    private readonly string directory = Directory.CreateTempSubdirectory("tls-").FullName;
    private readonly X509Certificate2 authority = Authority("CN=authority");
    private WebApplication? app;
    private string url = "";

    public async ValueTask InitializeAsync()
    {
        using var server = Issue("CN=localhost", serverName: "localhost");
        var shown = X509CertificateLoader.LoadPkcs12(server.Export(X509ContentType.Pfx), null);
        File.WriteAllText(Path.Combine(directory, "ca.pem"), authority.ExportCertificatePem());
        Write("client", "CN=agent-1");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = shown;
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (certificate, _, _) => certificate.Issuer == authority.Subject;
        })));
        app = builder.Build();
        app.MapGet("/", static context => context.Response.WriteAsync(context.Connection.ClientCertificate!.Subject));
        await app.StartAsync();
        url = "https://localhost:" + new Uri(app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
    }

    public async ValueTask DisposeAsync()
    {
        await app!.DisposeAsync();
        authority.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task The_certificate_is_shown_and_that_of_the_server_is_held_against_the_authority()
    {
        using var client = new ElasticsearchClient(Settings(), TimeProvider.System, NullLogger.Instance);
        System.Text.Encoding.UTF8.GetString((await client.GetAsync("", CancellationToken.None)).Body.Span).Should().Be("CN=agent-1");
    }

    [Fact]
    public async Task A_renewed_certificate_is_shown_by_the_next_connection()
    {
        var certificate = new ClientCertificate(Path.Combine(directory, "client.pem"), Path.Combine(directory, "client.key"));
        certificate.Current.Subject.Should().Be("CN=agent-1");
        Write("client", "CN=agent-2");
        File.SetLastWriteTimeUtc(Path.Combine(directory, "client.pem"), File.GetLastWriteTimeUtc(Path.Combine(directory, "client.pem")).AddSeconds(1));
        certificate.Current.Subject.Should().Be("CN=agent-2");
        File.WriteAllText(Path.Combine(directory, "client.pem"), "half");
        certificate.Current.Subject.Should().Be("CN=agent-2");
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_server_of_another_authority_is_not_trusted_and_the_remedy_is_named()
    {
        using var other = Authority("CN=other");
        File.WriteAllText(Path.Combine(directory, "ca.pem"), other.ExportCertificatePem());
        using var client = new ElasticsearchClient(Settings(), TimeProvider.System, NullLogger.Instance);
        (await client.Invoking(static client => client.GetAsync("", CancellationToken.None)).Should().ThrowAsync<ElasticsearchUnreachableException>()).Which.Message.Should().Contain("ca_file");
    }

    [Fact]
    public async Task Without_a_certificate_the_server_refuses()
    {
        var settings = Settings();
        settings.ClientCertificateFile = settings.ClientKeyFile = "";
        using var client = new ElasticsearchClient(settings, TimeProvider.System, NullLogger.Instance);
        await client.Invoking(static client => client.GetAsync("", CancellationToken.None)).Should().ThrowAsync<ElasticsearchUnreachableException>();
    }

    private ElasticsearchConnectionSettings Settings() => new()
    {
        Urls = [new Uri(url)], CaFile = Path.Combine(directory, "ca.pem"), ClientCertificateFile = Path.Combine(directory, "client.pem"), ClientKeyFile = Path.Combine(directory, "client.key"),
    };

    private void Write(string name, string subject)
    {
        using var issued = Issue(subject, serverName: null);
        File.WriteAllText(Path.Combine(directory, name + ".pem"), issued.ExportCertificatePem());
        File.WriteAllText(Path.Combine(directory, name + ".key"), issued.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }

    private static X509Certificate2 Authority(string subject)
    {
        var request = new CertificateRequest(subject, ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private X509Certificate2 Issue(string subject, string? serverName)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        if (serverName is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(serverName);
            request.CertificateExtensions.Add(names.Build());
        }
        using var issued = request.Create(authority, authority.NotBefore.AddMinutes(1), authority.NotAfter.AddMinutes(-1), RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }
}
