Rails.application.config.action_mailer.smtp_settings = { address: ENV["SMTP_HOST"], password: ENV.fetch("SMTP_PASSWORD") }
