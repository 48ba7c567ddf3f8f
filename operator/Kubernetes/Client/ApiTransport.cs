using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using PushPlatform.Kubernetes.Configuration;
using PushPlatform.Kubernetes.Models;

namespace PushPlatform.Kubernetes.Client;

/// <summary>One request to the API server: credentials, time-outs, repeats when it is asked to wait, and its refusals as exceptions.</summary>
internal sealed class ApiTransport : IDisposable
{
    /// <summary>So often a call is repeated after 429 or 503; then the caller's own backoff takes over.</summary>
    private const int MaxRepeats = 5;

    private readonly KubernetesClientConfiguration _configuration;
    private readonly KubernetesJson _json;
    private readonly KubernetesMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ApiContact? _contact;
    private readonly ApiHandler _connections;
    private readonly HttpMessageInvoker _http;
    private readonly Uri _root;

    public ApiTransport(KubernetesClientConfiguration configuration, KubernetesJson json, KubernetesMetrics metrics, TimeProvider time, ApiContact? contact = null)
    {
        _configuration = configuration;
        _json = json;
        _metrics = metrics;
        _time = time;
        _contact = contact;
        _connections = new ApiHandler(configuration);
        _http = new HttpMessageInvoker(_connections.Handler, disposeHandler: false);
        _root = new Uri(configuration.Host.ToString().TrimEnd('/') + "/");
    }

    /// <summary>The whole answer, within the request time-out.</summary>
    /// <exception cref="KubernetesException">Any answer that is not 2xx.</exception>
    /// <exception cref="TimeoutException">No complete answer in time.</exception>
    public async Task<JsonDocument> SendAsync(HttpMethod method, string path, ApiContent? content, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_configuration.RequestTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await OpenAsync(method, path, content, either.Token);
            await using var body = await response.Content.ReadAsStreamAsync(either.Token);
            return await JsonDocument.ParseAsync(body, EntityReader.Documents, either.Token);
        }
        catch (OperationCanceledException exception) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            _contact?.Failed("no answer in time");
            throw new TimeoutException($"{method} {path}: no answer within {_configuration.RequestTimeout.TotalSeconds} s", exception);
        }
    }

    /// <summary>The head of an answer whose body goes on: a watch, a log, a list that is streamed. The head itself has to come within the request time-out.</summary>
    /// <param name="path">Below the server's root.</param>
    /// <param name="cancellationToken">Ends the wait for the head.</param>
    /// <param name="header">One more header, for what the server forwards the call to.</param>
    public async Task<HttpResponseMessage> OpenWatchAsync(string path, CancellationToken cancellationToken, KeyValuePair<string, string>? header = null)
    {
        using var limit = new CancellationTokenSource(_configuration.RequestTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await OpenAsync(HttpMethod.Get, path, content: null, either.Token, header);
        }
        catch (OperationCanceledException exception) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            _contact?.Failed("no answer in time");
            throw new TimeoutException($"watch {path}: no answer within {_configuration.RequestTimeout.TotalSeconds} s", exception);
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _connections.Dispose();
        (_configuration.Credentials as IDisposable)?.Dispose();
    }

    private async Task<HttpResponseMessage> OpenAsync(
        HttpMethod method, string path, ApiContent? content, CancellationToken cancellationToken, KeyValuePair<string, string>? header = null)
    {
        var renew = false;
        for (var repeats = 0; ; repeats++)
        {
            var response = await SendOnceAsync(method, path, content, renew, header, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                if (response.StatusCode == HttpStatusCode.Unauthorized && !renew && _configuration.Credentials is not null)
                {
                    renew = true;
                    continue;
                }

                var refusal = await RefusalAsync(method, path, response, cancellationToken);
                if (refusal is not { Code: HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable, RetryAfter: { } pause } || repeats >= MaxRepeats)
                {
                    throw refusal;
                }

                // 429 and 503 with Retry-After mean that nothing was done, so every verb may be repeated.
                await Task.Delay(pause, _time, cancellationToken);
            }
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(
        HttpMethod method, string path, ApiContent? content, bool renew, KeyValuePair<string, string>? header, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(_root, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Content = content?.ToHttp(),
        };
        request.Headers.TryAddWithoutValidation("User-Agent", _configuration.UserAgent);
        if (header is { } more)
        {
            request.Headers.TryAddWithoutValidation(more.Key, more.Value);
        }
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (_configuration.Credentials is { } source)
        {
            var credential = await source.GetAsync(renew, cancellationToken);
            _connections.Use(credential.Certificate);
            if (credential.Token is { } token)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }
        }

        using var span = KubernetesTracing.Request(method, _root);
        try
        {
            var response = await _http.SendAsync(request, cancellationToken);
            Count(((int)response.StatusCode).ToString());
            _contact?.Answered();
            span.Answered((int)response.StatusCode);
            return response;
        }
        catch (HttpRequestException exception)
        {
            Count("<error>");
            _contact?.Failed(exception.Message);
            span.Failed(exception);
            throw;
        }

        void Count(string code) => _metrics.Requests.Add(1, new("code", code), new("method", method.Method), new("host", _root.Authority));
    }

    private async Task<KubernetesException> RefusalAsync(HttpMethod method, string path, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        V1Status? status = null;
        try
        {
            status = JsonSerializer.Deserialize(text, _json.TypeInfo<V1Status>());
        }
        catch (JsonException)
        {
            // Proxies and load balancers answer in HTML or plain text: what they say still helps whoever reads the log.
        }

        status ??= new V1Status { Message = text.Length > 500 ? text[..500] : text };
        var header = response.Headers.RetryAfter;
        var pause = header?.Delta ?? header?.Date - _time.GetUtcNow() ?? (status.Details?.RetryAfterSeconds is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : null);
        return new KubernetesException(status, response.StatusCode, pause < TimeSpan.Zero ? TimeSpan.Zero : pause, $"{method} {path}");
    }
}

/// <summary>A body that can be sent again.</summary>
internal sealed record ApiContent(byte[] Body, string ContentType)
{
    public ByteArrayContent ToHttp() => new(Body) { Headers = { ContentType = new MediaTypeHeaderValue(ContentType) } };
}
